"""Which addresses the service may connect to."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.network.addresses import DENIED, AddressPolicy, Network

PUBLIC = AddressPolicy()
LOCAL = AddressPolicy.parse(["127.0.0.0/8", " ::1/128 ", ""])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - this network
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",  # carrier-grade NAT; Alibaba's metadata service is 100.100.100.200
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",  # Azure's host
        "169.254.169.254",  # the instance metadata service
        "169.254.170.2",  # the task's credentials
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",  # Oracle's metadata service
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",  # v4-compatible
        "::8.8.8.8",
        "::ffff:127.0.0.1",  # v4-mapped
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",  # v4-translated
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",  # NAT64 for local use
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4
        "2002:808:808::",
        "3fff::1",
        "200::1",  # given to nobody: only 2000::/3 is
        "1fff:ffff::1",
        "4000::1",
        "5f00::1",
        "8000::1",
        "fe00::1",
        "fc00::1",
        "fd00:ec2::254",  # the instance metadata service
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",  # site-local
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_denied(address: str) -> None:
    assert not PUBLIC.permits(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "2001:4860:4860::8888",
        "2003::1",
        "3ffe:ffff::1",
    ],
)
def test_a_public_address_is_permitted(address: str) -> None:
    assert PUBLIC.permits(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "8.8.8.8"])
def test_a_network_that_a_setting_names_is_permitted(address: str) -> None:
    assert LOCAL.permits(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "::2", "fe80::1"])
def test_a_setting_permits_no_other_network(address: str) -> None:
    assert not LOCAL.permits(address)


def test_no_setting_permits_nothing_private() -> None:
    assert AddressPolicy.parse([""]) == AddressPolicy()


@pytest.mark.parametrize("text", ["localhost", "127.0.0.1/8", "10.0.0.0/33", "all"])
def test_a_network_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition("/")[0]):
        AddressPolicy.parse([text])


@given(st.ip_addresses())
def test_what_python_takes_for_private_is_denied(address: object) -> None:
    ip = ip_address(str(address))
    assert not (ip.is_private and PUBLIC.permits(str(ip)))


@given(st.sampled_from(DENIED), st.data())
def test_every_address_of_a_denied_network_is_denied(network: Network, data: st.DataObject) -> None:
    chosen = data.draw(st.ip_addresses(network=network))
    assert not PUBLIC.permits(str(chosen))
