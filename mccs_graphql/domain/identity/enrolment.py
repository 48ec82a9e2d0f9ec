"""Having a second factor: beginning, confirming and removing it, and its recovery codes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import NoticeKind, User
from mccs_graphql.db.queries import second_factors as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain.identity import recovery_codes, second_factor, sessions, totp
from mccs_graphql.domain.identity.credentials import lock_proven
from mccs_graphql.domain.identity.notices import tell
from mccs_graphql.domain.identity.refusals import (
    SecondFactorActive,
    SecondFactorNotFound,
    SecondFactorWrong,
)
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.second_factor import Proof
from mccs_graphql.domain.identity.viewer import Viewer

CONFIRMED_WITHIN = timedelta(hours=1)
"""A secret that was shown longer ago may have been seen since."""


@dataclass(frozen=True)
class Confirmed:
    """A second factor from now on; the codes are shown once, and only their hashes kept."""

    codes: list[str] = field(repr=False)
    ended_sessions: int


@dataclass(frozen=True)
class Reset:
    """What was there of a user: a second factor, and so many sessions. None of it is any more."""

    had_one: bool
    ended_sessions: int


async def begin(session: AsyncSession, viewer: Viewer, *, seal: Seal, at: datetime) -> bytes:
    """The secret for an app; without effect until it is confirmed. One begun before is replaced.

    Raises PasswordWrong and SecondFactorActive.
    """
    user = await lock_proven(session, viewer)
    _require_none(user)
    await queries.forget_second_factor(session, user.id)
    secret = totp.new_secret()
    session.add(second_factor.new_row(user.id, secret, seal=seal, at=at))
    await session.flush()
    return secret


async def confirm(session: AsyncSession, viewer: Viewer, proof: Proof) -> Confirmed:
    """From now on logging in takes a code; all other sessions end.

    Raises SecondFactorActive, SecondFactorWrong, and SecondFactorNotFound if none was begun lately.
    """
    user = await sessions.lock_viewer(session, viewer)
    _require_none(user)
    row = await queries.find_second_factor(session, user.id)
    if row is None or row.begun_at <= proof.at - CONFIRMED_WITHIN:
        raise SecondFactorNotFound
    secret, code = second_factor.opened(row, proof.seal), second_factor.tidy(proof.code or "")
    if not second_factor.use_step(row, secret, code, at=proof.at):
        raise SecondFactorWrong
    user.second_factor_at = proof.at
    codes = await _new_codes(session, user, secret)
    await tell(session, user.id, NoticeKind.SECOND_FACTOR_ON)
    ended = await sessions.end_all(session, user.id, but=viewer.session_id)
    return Confirmed(codes, ended)


async def remove(session: AsyncSession, viewer: Viewer, proof: Proof) -> None:
    """A password is enough again. Raises PasswordWrong, SecondFactorWrong, SecondFactorNotFound."""
    user = await lock_proven(session, viewer)
    await second_factor.accept(session, user, proof)
    await _forget(session, user, by_community=False)


async def renew_codes(session: AsyncSession, viewer: Viewer, proof: Proof) -> list[str]:
    """New recovery codes; the old ones are dead. Raises SecondFactorWrong, SecondFactorNotFound."""
    user = await sessions.lock_viewer(session, viewer)
    secret = await second_factor.accept(session, user, proof)
    return await _new_codes(session, user, secret)


async def codes_left(session: AsyncSession, viewer: Viewer) -> int:
    """How many recovery codes the viewer has not used."""
    return await queries.count_recovery_codes(session, viewer.id)


async def reset(session: AsyncSession, email: str) -> Reset | None:
    """Remove it for one who has lost both, and end the sessions; None if nobody has the address."""
    found = await users.find_user(session, email)
    if found is None:
        return None
    user = await users.lock_user(session, found.id)
    if user.second_factor_at is None:
        return Reset(had_one=False, ended_sessions=0)
    await _forget(session, user, by_community=True)
    return Reset(had_one=True, ended_sessions=await sessions.end_all(session, user.id))


def _require_none(user: User) -> None:
    if user.second_factor_at is not None:
        raise SecondFactorActive


async def _new_codes(session: AsyncSession, user: User, secret: bytes) -> list[str]:
    codes = recovery_codes.new_codes()
    hashes = [recovery_codes.hash_of(second_factor.tidy(code), secret=secret) for code in codes]
    await queries.forget_recovery_codes(session, user.id)
    await queries.add_recovery_codes(session, user.id, hashes)
    return codes


async def _forget(session: AsyncSession, user: User, *, by_community: bool) -> None:
    user.second_factor_at = None
    await queries.forget_second_factor(session, user.id)
    await tell(session, user.id, NoticeKind.SECOND_FACTOR_OFF, by_community=by_community)
