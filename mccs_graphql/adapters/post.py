"""What whoever takes our mails can do, and what can go wrong there."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from email.message import EmailMessage
from typing import Protocol

Deliver = Callable[[EmailMessage], Awaitable[None]]
"""Hands over one mail. Raises Refused, NotNow or Lost."""

_SECRETS = re.compile(r"\S*(?:@|://|token)\S*|\S{40,}", re.IGNORECASE)


class PostError(Exception):
    """A mail was not taken, or nobody knows; ``reason`` has no address and no link."""

    def __init__(self, reason: str) -> None:
        self.reason = without_secrets(reason)
        super().__init__(self.reason)


class Refused(PostError):
    """This mail will never be taken."""


class NotNow(PostError):
    """This mail may be taken later, the next one perhaps at once."""


class Lost(PostError):
    """The connection is no good any more."""


class Unreachable(PostError):
    """There is nobody to give mails to."""


class Post(Protocol):
    """Where mails go."""

    @property
    def place(self) -> str:
        """Its name, as a person is told; without secrets."""

    def open(self) -> AbstractAsyncContextManager[Deliver]:
        """A connection for some mails. Raises Unreachable before the block begins."""


def without_secrets(said: str) -> str:
    """What a server said, on one line, without addresses and links, which may log somebody in."""
    return " ".join(_SECRETS.sub("...", said).split())
