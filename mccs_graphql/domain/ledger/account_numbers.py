"""Account numbers: sixteen digits, of which the last checks the others (Luhn)."""

import secrets

from mccs_graphql.db.models.account import ACCOUNT_NUMBER_LENGTH


def new_account_number() -> str:
    """A random number with a right check digit; that it is free is for the database to say."""
    return with_check_digit(
        "".join(secrets.choice("0123456789") for _ in range(ACCOUNT_NUMBER_LENGTH - 1))
    )


def with_check_digit(digits: str) -> str:
    """The number that begins with these fifteen digits."""
    return digits + str(-_luhn_sum(digits + "0") % 10)


def is_account_number(text: str) -> bool:
    """Whether ``text`` is sixteen ASCII digits with a right check digit."""
    if len(text) != ACCOUNT_NUMBER_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    return _luhn_sum(text) % 10 == 0


def _luhn_sum(digits: str) -> int:
    """Every second digit from the right, the last excluded, counts double (digit-wise)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(doubled)
