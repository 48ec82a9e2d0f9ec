"""Finding invitations, by what asks for them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Invitation, OneTimeToken, TokenPurpose

_OPEN = Invitation.expires_at > func.now()


async def invitations_of(
    session: AsyncSession, entity_ids: Sequence[UUID]
) -> dict[UUID, list[Invitation]]:
    """The open invitations of several entities, oldest first, in one statement."""
    rows = await session.scalars(
        select(Invitation)
        .where(Invitation.entity_id.in_(entity_ids), _OPEN)
        .order_by(Invitation.invited_at, Invitation.id)
    )
    found: dict[UUID, list[Invitation]] = {}
    for row in rows:
        found.setdefault(row.entity_id, []).append(row)
    return found


async def find_open(session: AsyncSession, id_: UUID) -> Invitation | None:
    """The invitation, if it is still there and has not expired."""
    found: Invitation | None = await session.scalar(
        select(Invitation).where(Invitation.id == id_, _OPEN)
    )
    return found


async def find_by_token(session: AsyncSession, token_hash: bytes) -> Invitation | None:
    """The open invitation that a token was mailed for, as it is now."""
    found: Invitation | None = await session.scalar(
        select(Invitation)
        .join(OneTimeToken, OneTimeToken.invitation_id == Invitation.id)
        .where(
            OneTimeToken.token_hash == token_hash,
            OneTimeToken.purpose == TokenPurpose.ACCEPT_INVITATION,
            OneTimeToken.expires_at > func.now(),
            OneTimeToken.email == Invitation.email,
            _OPEN,
        )
        .execution_options(populate_existing=True)
    )
    return found


async def find_by_address(session: AsyncSession, entity_id: UUID, email: str) -> Invitation | None:
    """The entity's invitation of this address, whatever its letters; it may have expired."""
    found: Invitation | None = await session.scalar(
        select(Invitation).where(
            Invitation.entity_id == entity_id, func.lower(Invitation.email) == func.lower(email)
        )
    )
    return found


async def forget_expired(session: AsyncSession, entity_id: UUID) -> None:
    """Remove the entity's invitations that nobody can accept any more."""
    await session.execute(delete(Invitation).where(Invitation.entity_id == entity_id, ~_OPEN))


async def withdraw(session: AsyncSession, entity_id: UUID, id_: UUID) -> bool:
    """Remove an open invitation of the entity; whether there was one."""
    withdrawn = await session.scalar(
        delete(Invitation)
        .where(Invitation.id == id_, Invitation.entity_id == entity_id, _OPEN)
        .returning(Invitation.id)
    )
    return withdrawn is not None


async def withdraw_sent_by(session: AsyncSession, entity_id: UUID, user_id: UUID) -> Sequence[UUID]:
    """Remove what a user has sent for the entity; which there were."""
    withdrawn = await session.scalars(
        delete(Invitation)
        .where(Invitation.entity_id == entity_id, Invitation.invited_by == user_id)
        .returning(Invitation.id)
    )
    return withdrawn.all()


async def forget_tokens(session: AsyncSession, id_: UUID) -> None:
    """What was mailed for the invitation so far is good for nothing any more."""
    await session.execute(delete(OneTimeToken).where(OneTimeToken.invitation_id == id_))
