"""Which addresses the service may connect to: public unicast ones, and networks that a setting names.

The deny-list is explicit because `ipaddress.is_global` takes translation prefixes, site-local addresses and two
addresses of cloud providers for public. Of IPv6 only 2000::/3 is given out as public unicast addresses: what lies
outside leads nowhere, or to where somebody inside a network routes it. Sources: the IANA special-purpose registries for
IPv4 and IPv6 (RFC 6890), and that of the IPv6 address space.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

Network = IPv4Network | IPv6Network

DENIED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host
        "169.254.0.0/16",  # link-local, the instance metadata service among it
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, Oracle's metadata service among it
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/3",  # unspecified, loopback, v4-compatible, v4-mapped, v4-translated, both NAT64s, discard; else unassigned
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "4000::/2",  # segment routing; else unassigned
        "8000::/1",  # unique local, the instance metadata service among it; link-local, site-local, multicast
    )
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Public addresses, and besides them the `allowed` networks (loopback in the embedded run, none when deployed)."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """From networks like 127.0.0.0/8. Raises ValueError."""
        return cls(tuple(ip_network(text.strip()) for text in texts if text.strip()))

    def permits(self, address: str) -> bool:
        """Whether to connect to this address, as text of an IPv4 or IPv6 address."""
        ip = ip_address(address.partition("%")[0])
        return self.is_allowed(ip) or not any(_contains(network, ip) for network in DENIED)

    def is_allowed(self, ip: IPv4Address | IPv6Address) -> bool:
        """Whether a setting names the network of this address."""
        return any(_contains(network, ip) for network in self.allowed)


def _contains(network: Network, ip: IPv4Address | IPv6Address) -> bool:
    return ip.version == network.version and ip in network
