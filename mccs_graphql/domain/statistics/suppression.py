"""Keeping back what would tell of single members."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

LEAST = 5
"""Entities that a figure has to rest on. Of four, three who know each other could tell the fourth;
statistical offices draw the line at three to ten."""
TOP = 10
"""The largest whose share is told."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Figure(StrEnum):
    """What can be kept back."""

    MEMBERS = "members"
    TRANSFERS = "transfers"
    TURNOVER = "turnover"
    TURNOVER_BY_MONTH = "turnoverByMonth"
    TOP_TEN_TURNOVER_SHARE = "topTenTurnoverShare"
    VELOCITY = "velocity"
    CREDIT_IN_USE = "creditInUse"
    CREDIT_ALLOWED = "creditAllowed"
    TOP_TEN_BALANCE_SHARE = "topTenBalanceShare"
    BALANCE_GINI = "balanceGini"
    AT_MAX_NEGATIVE_BALANCE = "atMaxNegativeBalance"
    AT_MAX_POSITIVE_BALANCE = "atMaxPositiveBalance"
    NEW_MEMBERS = "newMembers"
    NEW_MEMBERS_TRADED = "newMembersTraded"
    TIME_TO_FIRST_TRADE = "timeToFirstTrade"
    TIME_TO_DECISION = "timeToDecision"


class Screen:
    """Lets figures through, and remembers which of them it kept back."""

    def __init__(self) -> None:
        self._kept: set[Figure] = set()

    @property
    def suppressed(self) -> tuple[Figure, ...]:
        """What was kept back, whole or in part."""
        return tuple(figure for figure in Figure if figure in self._kept)

    def let(
        self, figure: Figure, value: Value, *, entities: int, least: int = LEAST
    ) -> Value | None:
        """The value if it rests on nobody, or on at least so many entities."""
        return self.unless(figure, value, hidden=0 < entities < least)

    def unless(self, figure: Figure, value: Value, *, hidden: bool) -> Value | None:
        """The value, if it is not to be hidden."""
        if not hidden:
            return value
        self._kept.add(figure)
        return None


def hidden(entities: Mapping[Key, int]) -> set[Key]:
    """Which parts of a whole must not be told, from the number of entities that each rests on.

    One that is kept back alone could be had by subtraction from the whole, and so could several if
    few entities stand behind all of them: the smallest that is large enough goes with them.
    """
    small = {key for key, number in entities.items() if 0 < number < LEAST}
    large = [key for key, number in entities.items() if number >= LEAST]
    if small and large:
        small.add(min(large, key=lambda key: entities[key]))
    return small
