"""Ids that follow from a number, so that every community of one size has the same."""

from enum import IntEnum
from functools import cache
from uuid import UUID

_FIRST = UUID("018f0000-0000-7000-8000-000000000000").int
"""Version 7, as all ids are; counted up from here they are in order."""
_SPACE_BITS = 40


class Space(IntEnum):
    """Whose ids: no two kinds of things share one."""

    USER = 0
    ENTITY = 1
    TAG = 2
    CATEGORY = 3


def id_of(space: Space, number: int) -> UUID:
    return UUID(int=_FIRST + (space << _SPACE_BITS) + number)


@cache
def tag_id(number: int) -> UUID:
    return id_of(Space.TAG, number)


@cache
def category_id(number: int) -> UUID:
    return id_of(Space.CATEGORY, number)
