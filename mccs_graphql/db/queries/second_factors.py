"""Finding and forgetting what second factors are proved by; the user's row is their lock."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import RecoveryCode, SecondFactor, User


async def find_second_factor(session: AsyncSession, user_id: UUID) -> SecondFactor | None:
    """The user's, also while it waits to be confirmed."""
    return await session.get(SecondFactor, user_id)


async def newest_sealed(session: AsyncSession) -> SecondFactor | None:
    """The one begun last of those that are sealed."""
    found: SecondFactor | None = await session.scalar(
        select(SecondFactor)
        .where(SecondFactor.sealed)
        .order_by(SecondFactor.begun_at.desc())
        .limit(1)
    )
    return found


async def lock_second_factors(session: AsyncSession) -> Sequence[tuple[SecondFactor, str]]:
    """Everybody's, each with the user's address; nobody proves or changes one until the commit.

    Users first and in the order of their ids: that is who a log-in locks too.
    """
    found = await session.execute(
        select(SecondFactor, User.email)
        .join(User, User.id == SecondFactor.user_id)
        .order_by(User.id)
        .with_for_update(of=User, key_share=True)
    )
    return [(row, email) for row, email in found]


async def forget_second_factor(session: AsyncSession, user_id: UUID) -> None:
    """Remove the user's second factor, confirmed or not, with its recovery codes."""
    await forget_recovery_codes(session, user_id)
    await session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


async def add_recovery_codes(
    session: AsyncSession, user_id: UUID, code_hashes: Iterable[bytes]
) -> None:
    """Let these codes be good for the user."""
    rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in code_hashes]
    await session.execute(insert(RecoveryCode), rows)


async def use_recovery_code(session: AsyncSession, user_id: UUID, code_hash: bytes) -> bool:
    """Remove this code of the user's; whether it was there."""
    used = await session.scalar(
        delete(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash)
        .returning(RecoveryCode.user_id)
    )
    return used is not None


async def forget_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    """Remove all codes of the user that are left."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    """How many codes the user has left."""
    counted = await session.scalar(
        select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    )
    return counted or 0
