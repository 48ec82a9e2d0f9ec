"""Where a caller is, as far as limits care."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

IPV6_PREFIX = 64
"""What one customer is given at least; within it an address costs nothing."""
UNKNOWN = "unknown"
PLACES_KEPT = 1024


@lru_cache(PLACES_KEPT)
def place_of(address: str | None) -> str:
    """The place of a network address; those that nobody knows are all the same one."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), IPV6_PREFIX), strict=False))
