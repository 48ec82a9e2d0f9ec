"""How many sockets are open in this process, of one user and from one place."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from mccs_graphql.settings import Settings

TOO_MANY_SOCKETS = 4429
"""The close code: the one of graphql-ws for too many beginnings, after which clients stay away."""


class Holder(StrEnum):
    """Who holds sockets."""

    USER = "user"
    ADDRESS = "address"


class TooManySockets(Exception):
    """Whoever opens this one holds as many as one may."""

    def __init__(self, holder: Holder, most: int) -> None:
        super().__init__(f"At most {most} sockets at a time for each {holder}; close one first.")


Hold = Callable[[Holder, str], None]
"""Counts a socket for a holder. Raises TooManySockets, and counts nothing then."""


class Sockets:
    """Counts open sockets, each until it is gone, however it ends."""

    def __init__(self, settings: Settings) -> None:
        self._most = {
            Holder.USER: settings.sockets_per_user,
            Holder.ADDRESS: settings.sockets_per_address,
        }
        self._open: Counter[tuple[Holder, str]] = Counter()
        self.count = 0
        """How many are open."""

    def __len__(self) -> int:
        """How many holders there are."""
        return len(self._open)

    @contextmanager
    def one(self) -> Iterator[Hold]:
        """One socket, which lasts as long as the block."""
        held: list[tuple[Holder, str]] = []
        self.count += 1

        def hold(holder: Holder, name: str) -> None:
            most = self._most[holder]
            if 0 < most <= self._open[holder, name]:
                raise TooManySockets(holder, most)
            self._open[holder, name] += 1
            held.append((holder, name))

        try:
            yield hold
        finally:
            self.count -= 1
            for each in held:
                self._let_go(each)

    def _let_go(self, held: tuple[Holder, str]) -> None:
        self._open[held] -= 1
        if not self._open[held]:
            del self._open[held]
