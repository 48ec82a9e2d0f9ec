"""Proving the second factor: by a code of the app, or by a recovery code."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import SecondFactor, User
from mccs_graphql.db.queries import second_factors as queries
from mccs_graphql.domain.identity import recovery_codes, totp
from mccs_graphql.domain.identity.refusals import (
    SecondFactorNotFound,
    SecondFactorRequired,
    SecondFactorWrong,
)
from mccs_graphql.domain.identity.sealing import Seal, WrongSecret

CODE_MAX = 40
"""Nothing longer is looked at; room for spaces."""


@dataclass(frozen=True)
class Proof:
    """A code as it was typed, if one was, and what it takes to see whether it is right now."""

    code: str | None = field(repr=False)
    seal: Seal
    at: datetime


async def require(session: AsyncSession, user: User, proof: Proof | None) -> None:
    """Let those pass who have no second factor, or prove it; ``user`` must be locked.

    Raises SecondFactorRequired if there is no code, and SecondFactorWrong.
    """
    if user.second_factor_at is None:
        return
    if proof is None or not (proof.code or "").strip():
        raise SecondFactorRequired
    await accept(session, user, proof)


async def accept(session: AsyncSession, user: User, proof: Proof) -> bytes:
    """Use up a code: it is not good again. The secret of the app; ``user`` must be locked.

    Raises SecondFactorWrong, and SecondFactorNotFound if none is active.
    """
    row = await queries.find_second_factor(session, user.id)
    if user.second_factor_at is None or row is None:
        raise SecondFactorNotFound
    secret, code = opened(row, proof.seal), tidy(proof.code or "")
    if not (use_step(row, secret, code, at=proof.at) or await _use(session, user, secret, code)):
        raise SecondFactorWrong
    return secret


def use_step(row: SecondFactor, secret: bytes, code: str, *, at: datetime) -> bool:
    """Whether it is a code of the app, later than the last one; now it is the last one."""
    step = totp.step_of(secret, code, at=at)
    if step is None or (row.used_step is not None and step <= row.used_step):
        return False
    row.used_step = step
    return True


async def _use(session: AsyncSession, user: User, secret: bytes, code: str) -> bool:
    if not recovery_codes.may_be_one(code):
        return False
    code_hash = recovery_codes.hash_of(code, secret=secret)
    return await queries.use_recovery_code(session, user.id, code_hash)


def tidy(code: str) -> str:
    """The code without what eases reading: spaces, hyphens, capitals. Empty if it is endless."""
    return "".join(code.lower().replace("-", " ").split()) if len(code) <= CODE_MAX else ""


def new_row(user_id: UUID, secret: bytes, *, seal: Seal, at: datetime) -> SecondFactor:
    """A second factor that waits to be confirmed."""
    row = SecondFactor(user_id=user_id, begun_at=at)
    _close(row, secret, seal)
    return row


def opened(row: SecondFactor, seal: Seal) -> bytes:
    """The secret of the app. Raises WrongSecret."""
    return seal.open(row.secret, label=_label(row)) if row.sealed else row.secret


async def require_opens(session: AsyncSession, seal: Seal) -> None:
    """See that it is the seal that was used lately. Raises WrongSecret."""
    if row := await queries.newest_sealed(session):
        opened(row, seal)


async def seal_again(session: AsyncSession, *, seal: Seal, former: Seal) -> list[str]:
    """Seal all there are as new ones are; the addresses of those that neither secret opens."""
    lost = []
    for row, email in await queries.lock_second_factors(session):
        if (secret := _opened_by_one(row, (seal, former))) is None:
            lost.append(email)
        else:
            _close(row, secret, seal)
    return lost


def _opened_by_one(row: SecondFactor, seals: Iterable[Seal]) -> bytes | None:
    for seal in seals:
        try:
            return opened(row, seal)
        except WrongSecret:
            continue
    return None


def _close(row: SecondFactor, secret: bytes, seal: Seal) -> None:
    row.secret, row.sealed = seal.close(secret, label=_label(row)), seal.closes


def _label(row: SecondFactor) -> str:
    """With a space, so that it is never the name of a signing key."""
    return f"second factor of {row.user_id}"
