"""Changing what entities and users say of themselves, in their stead."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, MailKind, TokenPurpose, User
from mccs_graphql.db.models.transfer import REASON_MAX
from mccs_graphql.db.queries import tokens, users
from mccs_graphql.domain import text
from mccs_graphql.domain.administration.refusals import UserChanged, UserIsAdmin, UserNotFound
from mccs_graphql.domain.audit.changes import because
from mccs_graphql.domain.audit.history import changed_since
from mccs_graphql.domain.directory.profiles import edit_entity, user_readers
from mccs_graphql.domain.errors import InvalidInput, Problem
from mccs_graphql.domain.identity.refusals import EmailTaken
from mccs_graphql.domain.patches import Patch, Reader, apply, read_email, read_patch


async def update_entity(
    session: AsyncSession,
    entity_id: UUID,
    patch: Patch,
    *,
    expected_version: int,
    region: str,
    reason: str,
) -> Entity:
    """As its members do it. Raises InvalidInput, EntityNotFound and EntityChanged."""
    give_reason(session, reason)
    return await edit_entity(
        session, entity_id, patch, expected_version=expected_version, region=region
    )


async def update_user(
    session: AsyncSession,
    user_id: UUID,
    patch: Patch,
    *,
    expected_version: int,
    region: str,
    reason: str,
) -> User:
    """Change a user, who must not be an admin: another address is as good as a new password.

    Raises InvalidInput, UserNotFound, UserIsAdmin, UserChanged and EmailTaken.
    """
    give_reason(session, reason)
    kept = read_patch(patch, _readers(region))
    user = await lock_member(session, user_id)
    await require_user_version(session, user, expected_version)
    moved = kept.get("email", user.email) != user.email
    if apply(user, kept):
        user.version += 1
    if moved:
        await _verify_anew(session, user)
    await session.flush()
    return user


async def lock_member(session: AsyncSession, user_id: UUID) -> User:
    """A user who is not deleted, locked. Raises UserNotFound and UserIsAdmin."""
    user = await users.find_locked(session, user_id)
    if user is None or user.deleted_at is not None:
        raise UserNotFound
    if await users.is_admin(session, user_id):
        raise UserIsAdmin
    return user


async def require_user_version(session: AsyncSession, user: User, expected: int) -> None:
    """Raise UserChanged unless the user is as the caller has read it; it must be locked."""
    if user.version != expected:
        changed = await changed_since(session, User, user.id, version=expected)
        raise UserChanged(version=user.version, changed=changed)


def give_reason(session: AsyncSession, reason: str) -> None:
    """Have the trail say why. Raises InvalidInput unless the reason can be kept."""
    text.require(text.problems_of("reason", reason, most=REASON_MAX))
    if reason.strip():
        because(session, reason.strip())


def _readers(region: str) -> Mapping[str, Reader]:
    return {**user_readers(region), "email": _read_address}


def _read_address(name: str, value: object) -> object:
    kept = read_email(name, value)
    if not kept:
        problem = Problem((name,), "TOO_SHORT", "Nobody can log in without an address.")
        raise InvalidInput(problems=(problem,))
    return kept


async def _verify_anew(session: AsyncSession, user: User) -> None:
    """What went to the old address opens no door any more; a mail to the new one asks to verify."""
    user.pending_email, user.email_verified_at = None, None
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_users_email" in str(error.orig):
            raise EmailTaken from error
        raise
    await tokens.use_up_tokens(session, user.id, *TokenPurpose)
    await tokens.add_mails(session, user.id, [MailKind.EMAIL_VERIFICATION])
