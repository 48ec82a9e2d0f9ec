"""Finding signing keys and the tokens of mails, and writing mails that carry one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Mail,
    MailKind,
    OneTimeToken,
    SigningKey,
    TokenPurpose,
    User,
)

KEYS_LOCK = 5_044_918_250_167_923
"""Any constant number: processes that start together make one key, not one each."""


async def signing_keys(session: AsyncSession) -> Sequence[SigningKey]:
    """All there are, the newest first."""
    found = await session.scalars(
        select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.kid.desc())
    )
    return found.all()


async def lock_signing_keys(session: AsyncSession) -> None:
    """Nobody else adds or retires a key until the commit."""
    await session.execute(text(f"SELECT pg_advisory_xact_lock({KEYS_LOCK})"))


async def retire_signing_keys(session: AsyncSession) -> None:
    """Nothing more is to be signed with the keys there are."""
    await session.execute(
        update(SigningKey).where(SigningKey.retired_at.is_(None)).values(retired_at=func.now())
    )


async def forget_signing_keys(session: AsyncSession, *, retired_before: datetime) -> None:
    """Remove the keys of tokens that have all expired."""
    await session.execute(delete(SigningKey).where(SigningKey.retired_at < retired_before))


async def find_one_time_token(
    session: AsyncSession, purpose: TokenPurpose, token_hash: bytes
) -> OneTimeToken | None:
    """A token that is good for this purpose, if nobody uses it first."""
    found: OneTimeToken | None = await session.scalar(
        select(OneTimeToken).where(
            OneTimeToken.token_hash == token_hash,
            OneTimeToken.purpose == purpose,
            OneTimeToken.expires_at > func.now(),
        )
    )
    return found


async def use_up_tokens(
    session: AsyncSession, user_id: UUID, *purposes: TokenPurpose
) -> set[bytes]:
    """Remove the user's tokens of these purposes; the hashes of those there were."""
    used = await session.scalars(
        delete(OneTimeToken)
        .where(OneTimeToken.user_id == user_id, OneTimeToken.purpose.in_(purposes))
        .returning(OneTimeToken.token_hash)
    )
    return set(used.all())


async def forget_expired_tokens(session: AsyncSession, user_id: UUID) -> None:
    """Remove what the user's earlier mails left behind."""
    await session.execute(
        delete(OneTimeToken).where(
            OneTimeToken.user_id == user_id, OneTimeToken.expires_at <= func.now()
        )
    )


async def add_mails(session: AsyncSession, user_id: UUID, kinds: Iterable[MailKind]) -> None:
    """Let mails go out to a user."""
    session.add_all(Mail(user_id=user_id, kind=kind, facts={}) for kind in kinds)
    await session.flush()


async def add_mail_by_address(session: AsyncSession, email: str, kind: MailKind) -> None:
    """Let a mail go out to the user with this address, or to nobody.

    One statement, which writes one row in either case: neither the answer nor its time tells.
    """
    user_id = select(User.id).where(
        func.lower(User.email) == func.lower(email), User.deleted_at.is_(None)
    )
    await session.execute(
        insert(Mail).values(user_id=user_id.scalar_subquery(), kind=kind, facts={})
    )
