"""Recovery codes: kept on paper, for who has lost the app; each is good once."""

import hmac
import secrets

COUNT = 10
LENGTH = 8
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that look alike. Eight of 31 are 850 thousand million, for who may guess rarely."""
_PURPOSE = b"recovery code "


def new_codes() -> list[str]:
    """A set of them as users see them, such as ``k7p2-9xqm``."""
    codes = ("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT))
    return [f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}" for code in codes]


def hash_of(code: str, *, secret: bytes) -> bytes:
    """What to keep of a code without its hyphen.

    The key is the secret of the user's app: so short a code could be found from a plain hash.
    """
    return hmac.digest(secret, _PURPOSE + code.encode(), "sha256")


def may_be_one(code: str) -> bool:
    """Whether the code, without its hyphen, has the form of one."""
    return len(code) == LENGTH and set(code) <= set(ALPHABET)
