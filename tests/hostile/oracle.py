"""A second opinion on every URL: requests-hardened, which guards sessions of `requests`, and where the two differ."""

from collections.abc import Iterator
from typing import Any

import requests
from requests_hardened import Config, Manager  # type: ignore[import-untyped]

from tests.hostile.network import Connections

_MANAGER: Any = Manager(
    Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(1, 1),
    )
)

_PASSWORDS = "it sends the name and password of the URL; the service sends nobody's"
_WHITE_SPACE = "it drops white space before a URL; here a URL is taken as it is"
_COMPATIBLE = "to Python IPv4-compatible addresses are global"
_TRANSLATED = "to Python IPv4-translated addresses are global"
_UNASSIGNED = "it denies what is special; here nothing outside 2000::/3 is public"
_FIRST_ANSWER = "it looks at the first answer alone, and takes that; here one forbidden answer is enough"
_PORTS = "it permits every port; here 80 for http and 443 for https"

# The URLs that it would fetch, and the service does not.
LOOSER: dict[str, str] = {
    "http://user@cdn.example/": _PASSWORDS,
    "http://user:secret@cdn.example/": _PASSWORDS,
    "http://user:@cdn.example/": _PASSWORDS,
    "http://:secret@cdn.example/": _PASSWORDS,
    "http://:@cdn.example/": _PASSWORDS,
    "http://a@b@cdn.example/": _PASSWORDS,
    "http://[::1]@cdn.example/": _PASSWORDS,
    "http://user@@cdn.example/": _PASSWORDS,
    "http://127.0.0.1%2f@cdn.example/": _PASSWORDS,
    " http://cdn.example/": _WHITE_SPACE,
    "\nhttp://cdn.example/": _WHITE_SPACE,
    "http://[::ffff:93.184.215.14]/": "it connects to the IPv4 address within; here no address is within another",
    "http://[::127.0.0.1]/": _COMPATIBLE,
    "http://[::7f00:1]/": _COMPATIBLE,
    "http://[::169.254.169.254]/": _COMPATIBLE,
    "http://[::93.184.215.14]/": _COMPATIBLE,
    "http://[::2]/": _COMPATIBLE,
    "http://[::ffff:0:127.0.0.1]/": _TRANSLATED,
    "http://[::ffff:0:169.254.169.254]/": _TRANSLATED,
    "http://[::ffff:0:93.184.215.14]/": _TRANSLATED,
    "http://[fec0::1]/": "to Python site-local addresses are global",
    "http://[feff:ffff::1]/": "to Python site-local addresses are global",
    "http://[100:0:0:1::1]/": "it does not know of the dummy prefix (RFC 9780)",
    "http://[200::1]/": _UNASSIGNED,
    "http://[400::1]/": _UNASSIGNED,
    "http://[1fff::1]/": _UNASSIGNED,
    "http://[4000::1]/": _UNASSIGNED,
    "http://[8000::1]/": _UNASSIGNED,
    "http://[e000::1]/": _UNASSIGNED,
    "http://[fe00::1]/": _UNASSIGNED,
    "http://[2606:4700:4700::1111%251]/": "it drops the zone; only link-local addresses have one",
    "http://168.63.129.16/machine?comp=goalstate": "it does not know of Azure's host",
    "http://last-of-three.example/": _FIRST_ANSWER,
    "http://six-public-four-private.example/": _FIRST_ANSWER,
    "http://cdn.example:0/": _PORTS,
    "https://cdn.example:0/": _PORTS,
    "http://cdn.example:00/": _PORTS,
    "http://cdn.example:1/": _PORTS,
    "http://cdn.example:22/": _PORTS,
    "http://cdn.example:25/": _PORTS,
    "http://cdn.example:443/": _PORTS,
    "https://cdn.example:80/": _PORTS,
    "http://cdn.example:3306/": _PORTS,
    "http://cdn.example:6379/": _PORTS,
    "http://cdn.example:8080/": _PORTS,
    "https://cdn.example:8443/": _PORTS,
    "http://cdn.example:11211/": _PORTS,
    "http://cdn.example:65535/": _PORTS,
    f"http://{'0' * 5_000}@cdn.example/": _PASSWORDS,
}


def targets(url: str, connections: Connections) -> Iterator[str]:
    """Where it connects to for the URL, as `address:port`."""
    before = len(connections.made)
    try:
        _MANAGER.send_request("GET", url)
    except (requests.RequestException, UnicodeError, ValueError):
        yield from connections.made[before:]  # nobody was there
