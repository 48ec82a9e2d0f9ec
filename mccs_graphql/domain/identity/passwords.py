"""Passwords: which are good enough, and how one is kept (Argon2id)."""

import asyncio
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem

PASSWORD_MIN = 8
PASSWORD_MAX = 100
HASHES_AT_ONCE = 2
"""Each takes its memory: a crowd at the door must not take all of it."""


class Passwords:
    """Hashes and verifies off the event loop, a few at a time."""

    def __init__(self, *, memory_kib: int) -> None:
        self._hasher = PasswordHasher(memory_cost=memory_kib)
        self._places = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """What to keep instead of the password."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password fits. Takes as long for nobody (None) as for somebody."""
        async with self._places:
            fits = await asyncio.to_thread(self._fits, password, password_hash or self._nobody)
        return fits and password_hash is not None

    def _fits(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def password_problems(password: str, *, path: str = "password") -> Iterator[Problem]:
    """The original's rule: 8 to 100 characters, with a letter, a digit and a mark among them."""
    yield from text.problems_of(path, password, least=PASSWORD_MIN, most=PASSWORD_MAX)
    kinds = {unicodedata.category(character)[0] for character in password}
    if not ("L" in kinds and "N" in kinds and kinds & {"P", "S"}):
        yield Problem(
            (path,),
            "TOO_SIMPLE",
            "A letter, a digit and a punctuation mark or symbol are needed.",
        )
