"""Where a request comes from, when proxies stand between."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LENGTH_MAX = 100
"""No address is longer, with its zone, port and brackets."""
ADDRESSES_KEPT = 1024
"""Addresses that have been read: callers come again."""


def client_address(
    peer: str | None, forwarded: Iterable[str], trusted: Collection[Network]
) -> str | None:
    """The nearest address that is not one of our proxies.

    ``peer`` is who holds the connection, ``forwarded`` the values of X-Forwarded-For. Each proxy
    adds on the right whom it heard from, so everything left of the first stranger is hearsay. The
    header ``Forwarded`` is not read: a proxy that knows only the other one passes on what the
    client wrote there.
    """
    nearest = _address(peer or "")
    said = [part for value in forwarded for part in value.split(",")]
    while nearest is not None and said and _is_in(nearest, trusted):
        before = _address(said.pop())
        if before is None:
            break
        nearest = before
    return str(nearest) if nearest else None


def _is_in(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """Reads an address, also with a port; IPv4 in the clothes of IPv6 is IPv4."""
    return _read(text) if len(text) <= LENGTH_MAX else None


@lru_cache(ADDRESSES_KEPT)
def _read(text: str) -> Address | None:
    try:
        address = ip_address(_without_port(text.strip()))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
