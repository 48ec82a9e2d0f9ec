"""Where webhooks may lead: to what is public, and never into the network that we stand in."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from mccs_graphql.db.models.webhook import HOST_MAX, URL_MAX
from mccs_graphql.domain.errors import Problem

HTTPS_PORT, HTTP_PORT = 443, 80
PORT_MIN = 1024
"""Below are the services of others: whoever may choose a port could have us talk to them."""
LOCALHOST = "localhost"
NOT_PUBLIC = Problem(
    ("url",), "NOT_PUBLIC", "Its host has to be known by now, with public addresses only."
)
_PATH = ("url",)
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Teredo and 6to4 lead to an IPv4 address by way of somebody else."""
_RELAYS = IPv4Network("192.88.99.0/24")


@dataclass(frozen=True)
class Target:
    """A URL, taken apart: ``host`` is as it was written, in small letters; ``path`` has the query.

    An IPv6 address stands without its brackets.
    """

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What goes into the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS_PORT if self.secure else HTTP_PORT
        return host if self.port == usual else f"{host}:{self.port}"


def problems_of_url(url: str, *, private: bool) -> Iterator[Problem]:
    """What can be said of a URL without asking for its addresses.

    With ``private`` it may lead to this machine, also without TLS and to any port.
    """
    if len(url) > URL_MAX:
        yield Problem(_PATH, "TOO_LONG", f"At most {URL_MAX} characters, not {len(url)}.")
        return
    try:
        target = read_url(url)
    except ValueError:
        yield Problem(_PATH, "NOT_A_URL", "It has to be like https://shop.example/hooks?key=1.")
        return
    if private and is_this_machine(target.host):
        return
    if not target.secure:
        yield Problem(_PATH, "NOT_HTTPS", "It has to begin with https://.")
    if target.port < PORT_MIN and target.port != HTTPS_PORT:
        yield Problem(_PATH, "BAD_PORT", f"Its port has to be 443, or {PORT_MIN} or above.")
    if not may_be_public(target.host):
        yield NOT_PUBLIC


def read_url(url: str) -> Target:
    """Raises ValueError for what is no URL of a web server, in ASCII, without user and fragment."""
    if not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}#'):
        raise ValueError(url)
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or parts.port == 0:
        raise ValueError(url)
    if not host or len(host) > HOST_MAX or "%" in host:
        raise ValueError(url)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(secure, host, parts.port or (HTTPS_PORT if secure else HTTP_PORT), path)


def may_be_public(host: str) -> bool:
    """Whether it is a public address, or a name that could have one: what it has is asked later."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return "." in host.strip(".") and host.rpartition(".")[2] != LOCALHOST


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is one host of the public internet, also if it is wrapped in another address."""
    if isinstance(address, IPv6Address):
        inner = _wrapped(address)
        if inner is None:
            tunnel = any(address in network for network in _TUNNELS)
            return address.is_global and address in _GLOBAL_IPV6 and not tunnel
        address = inner
    return address.is_global and not address.is_multicast and address not in _RELAYS


def is_this_machine(host: str) -> bool:
    """Whether it is the name or an address of the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == LOCALHOST


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is meant by this one."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
