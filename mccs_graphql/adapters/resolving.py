"""The addresses of a host that strangers have named, none of which may be in our own network."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address

from mccs_graphql.domain.errors import InvalidInput
from mccs_graphql.domain.webhooks.targets import (
    NOT_PUBLIC,
    Target,
    is_public,
    is_this_machine,
    read_url,
)

LOOKUPS_AT_ONCE = 16
"""In threads of their own: a name server that hangs keeps nobody else's work waiting."""
LOOKUP_SECONDS = 3.0
"""While somebody waits for the answer."""

Address = IPv4Address | IPv6Address
LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, to be reached at a port. Raises OSError."""

_for_calls = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
_for_members = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
"""Apart, so that who registers one slow name after the other holds up no calls."""


class NotPublic(Exception):
    """The host is not known, or has an address that is not public; which of them is not said."""


async def look_up(
    host: str, port: int, *, threads: ThreadPoolExecutor = _for_calls
) -> Sequence[str]:
    """What the system says."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(threads, ask)
    return [str(address[0]) for *_, address in found]


async def require_public(url: str, *, private: bool) -> None:
    """Raise InvalidInput for a URL whose host may not be called, as far as can be said today."""
    ask = partial(look_up, threads=_for_members)
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            await addresses_of(read_url(url), private=private, look_up=ask)
    except (NotPublic, TimeoutError) as error:
        raise InvalidInput(problems=(NOT_PUBLIC,)) from error


async def addresses_of(
    target: Target, *, private: bool, look_up: LookUp = look_up
) -> list[Address]:
    """Where to connect to: addresses that were looked at, so that nobody has to ask again.

    Raises NotPublic if only one of them may not be called: a host that has such a one besides is
    no mistake. With ``private`` this machine may be called by its own name.
    """
    try:
        found = [
            ip_address(each.partition("%")[0]) for each in await look_up(target.host, target.port)
        ]
    except (OSError, UnicodeError, ValueError) as error:
        raise NotPublic from error
    own = private and is_this_machine(target.host)
    if not found or not all(is_public(each) or (own and each.is_loopback) for each in found):
        raise NotPublic
    return list(dict.fromkeys(found))
