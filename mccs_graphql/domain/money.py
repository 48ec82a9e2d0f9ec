"""Amounts: whole counts of the smallest unit inside, decimals of the unit at the edge."""

import re
from decimal import Decimal
from typing import NewType

Money = NewType("Money", int)
"""A count of the smallest unit, such as cents. Never a float."""

WHOLE_DIGITS_MAX = 15
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


def parse_money(text: str, *, scale: int) -> Money:
    """``"12.5"`` with scale 2 is 1250. Raises ValueError with words for the client."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError("is not a decimal number such as 12.50")
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if len(whole) > WHOLE_DIGITS_MAX:
        raise ValueError(f"has more than {WHOLE_DIGITS_MAX} digits before the point")
    if len(fraction) > scale:
        raise ValueError(f"has more than {scale} decimals")
    return Money(int(f"{sign}{whole}{fraction.ljust(scale, '0')}"))


def format_money(amount: Money, *, scale: int) -> str:
    """1250 with scale 2 is ``"12.50"``."""
    return str(Decimal(amount).scaleb(-scale)) if scale else str(amount)


def to_money(amount: Decimal, *, scale: int) -> Money:
    """A decimal of the settings in the smallest unit. Raises ValueError if there is a rest."""
    return parse_money(f"{amount.normalize():f}", scale=scale)
