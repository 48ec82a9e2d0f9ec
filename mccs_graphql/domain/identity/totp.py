"""The codes of authenticator apps (TOTP, RFC 6238): six digits, others every 30 seconds."""

import base64
import re
import secrets
from datetime import datetime

from pyotp import TOTP, OTPVerificationError

SECRET_BYTES = 20
"""What RFC 4226 recommends, and every app can read."""
WINDOW = 1
"""In steps of 30 seconds: how far ahead or behind a clock may be, or a slow typist."""
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> bytes:
    """What the app and we are to know, and nobody else."""
    return secrets.token_bytes(SECRET_BYTES)


def base32(secret: bytes) -> str:
    """The secret as apps take it: 32 letters and digits."""
    return base64.b32encode(secret).decode()


def uri_of(secret: bytes, *, account: str, issuer: str) -> str:
    """What the QR code for an app says (``otpauth://``), the secret included."""
    return TOTP(base32(secret)).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: bytes, code: str, *, at: datetime) -> int | None:
    """The step of time that the code is of, if that is the one at this moment or next to it."""
    if not _CODE.fullmatch(code):
        return None
    try:
        return TOTP(base32(secret)).verify_and_get_timecode(code, for_time=at, valid_window=WINDOW)
    except OTPVerificationError:
        return None
