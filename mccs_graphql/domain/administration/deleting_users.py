"""Deleting a user: what is personal goes, the row stays, as transfers and the trail refer to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Invitation, Membership, User
from mccs_graphql.db.queries import audit, entities, erasing, users
from mccs_graphql.db.queries import sessions as session_queries
from mccs_graphql.domain.administration.patching import (
    give_reason,
    lock_member,
    require_user_version,
)
from mccs_graphql.domain.administration.refusals import UserChanged
from mccs_graphql.domain.audit.changes import DELETED, erase, note
from mccs_graphql.domain.audit.erasing import erase_about
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.api_tokens import end_tokens_of
from mccs_graphql.domain.membership.refusals import LastOwner

NOBODY = "!"
"""The hash that no password has."""
KEPT_FREE = "deleted.invalid"
"""A domain that is nobody's, ever (RFC 2606)."""


@dataclass(frozen=True)
class Preview:
    """What deleting the user would come to, at this moment."""

    user: User
    entities: Sequence[UUID]
    owned_alone: Sequence[UUID]
    sessions: int
    erased_entries: int


async def preview(session: AsyncSession, user_id: UUID) -> Preview | None:
    """What ``delete`` would do; None if there is no such user, or none any more."""
    user = (await users.users_by_id(session, [user_id])).get(user_id)
    if user is None or user.deleted_at is not None:
        return None
    return Preview(
        user=user,
        entities=await users.entity_ids_of(session, user_id),
        owned_alone=await users.owned_alone(session, user_id),
        sessions=len(await session_queries.sessions_of(session, user_id)),
        erased_entries=await audit.count_about(session, user_id, payments=True),
    )


async def delete(
    session: AsyncSession, user_id: UUID, *, expected_version: int, reason: str
) -> User:
    """End the user's sessions and erase the user; the address is free again.

    Raises the first that holds of InvalidInput, UserNotFound, UserIsAdmin, UserChanged and
    LastOwner. The entities come first, as for all who make or unmake an owner.
    """
    give_reason(session, reason)
    entity_ids = await users.entity_ids_of(session, user_id)
    await entities.lock_entities(session, entity_ids)
    user = await lock_member(session, user_id)
    await require_user_version(session, user, expected_version)
    if not {*await users.entity_ids_of(session, user_id)} <= {*entity_ids}:
        raise UserChanged(version=user.version, changed=("entities",))
    if alone := await users.owned_alone(session, user_id):
        raise LastOwner(entities=tuple(alone))
    await sessions.end_all(session, user_id)
    await _erase(session, user, entity_ids)
    return user


async def _erase(session: AsyncSession, user: User, entity_ids: Sequence[UUID]) -> None:
    user.deleted_at = datetime.now(UTC)
    user.version += 1
    await session.flush()
    await end_tokens_of(session, user_id=user.id)
    await _remove_invitations(session, user.id)
    await erasing.remove_of_user(session, user.id)
    for entity_id in entity_ids:
        about = [entity_id, user.id]
        note(session, Membership, f"{user.id}:{entity_id}", what=DELETED, about=about)
    emptied = _emptied(user)
    await erasing.empty_user(session, user.id, emptied | {"password_hash": NOBODY})
    erase_about(session, User, user.id, emptied=emptied, payments=True)
    await session.refresh(user)


async def _remove_invitations(session: AsyncSession, user_id: UUID) -> None:
    """The entries about them hold addresses too, and who is invited is in none of their ids."""
    removed = await erasing.remove_invitations_of_user(session, user_id)
    for invitation_id, entity_id in removed.items():
        note(session, Invitation, invitation_id, what=DELETED, about=[entity_id])
        erase(session, invitation_id, payments=False)


def _emptied(user: User) -> dict[str, Any]:
    gone = (
        *("logged_in_at", "previously_logged_in_at", "email_verified_at", "pending_email"),
        *("log_in_address", "previous_log_in_address", "second_factor_at"),
        *("time_zone", "quiet_from", "quiet_to"),
    )
    return {
        "email": f"{user.id}@{KEPT_FREE}",
        **dict.fromkeys(("first_name", "last_name", "telephone"), ""),
        **dict.fromkeys(gone),
    }
