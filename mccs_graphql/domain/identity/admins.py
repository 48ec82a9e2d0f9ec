"""Those who run the community: making them, changing their roles, removing them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Admin, AdminRole, MailKind, User
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.user import PERSON_NAME_MAX
from mccs_graphql.db.queries import admins as queries
from mccs_graphql.db.queries import tokens, users
from mccs_graphql.db.queries.admins import FoundAdmin
from mccs_graphql.domain import text
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.errors import Forbidden, Problem
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.refusals import (
    AdminNotFound,
    AdminRoleChanged,
    EmailTaken,
    OwnAdminRole,
    TooManyAdmins,
)
from mccs_graphql.domain.identity.viewer import Viewer

ADMINS_MAX = 100
"""Of one community, whatever their roles."""
NO_OWNER_ANY_MORE = "You are no owner of this community any more."


@dataclass(frozen=True)
class Appointment:
    """Who is to become an admin. ``name`` may be empty; its first word is the first name."""

    email: str
    role: AdminRole
    name: str = ""


def require_valid(appointment: Appointment) -> None:
    """Raise InvalidInput with everything that is wrong with it."""
    text.require(_problems(appointment))


async def appoint(
    session: AsyncSession, appointment: Appointment, *, password_hash: str, by: UUID | None = None
) -> User:
    """Make a login of its own with this role; nobody who is a user already becomes an admin.

    Raises EmailTaken and TooManyAdmins.
    """
    if len(await queries.lock_admins(session)) >= ADMINS_MAX:
        raise TooManyAdmins(most=ADMINS_MAX)
    user = _new_user(appointment, password_hash)
    if await users.find_user(session, user.email) is not None:
        raise EmailTaken
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody signs up at the same moment, and was quicker.
        if "uq_users_email" in str(error.orig):
            raise EmailTaken from error
        raise
    session.add(Admin(user_id=user.id, role=appointment.role, created_by=by))
    await session.flush()
    return user


async def everybody(session: AsyncSession) -> Sequence[FoundAdmin]:
    """All admins, the first ones first."""
    return await queries.all_admins(session, limit=ADMINS_MAX)


async def invite(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, *, password_hash: str
) -> FoundAdmin:
    """Make an admin, and let a mail go out by which a password can be chosen.

    Raises Forbidden, EmailTaken and TooManyAdmins.
    """
    await _lock_for_owner(session, viewer)
    user = await appoint(session, appointment, password_hash=password_hash, by=viewer.id)
    await tokens.add_mails(session, user.id, [MailKind.PASSWORD_RESET])
    return await queries.get_admin(session, user.id)


async def change_role(
    session: AsyncSession,
    viewer: Viewer,
    admin_id: UUID,
    *,
    expected: AdminRole,
    role: AdminRole,
) -> FoundAdmin:
    """Give another admin a role. Raises Forbidden, OwnAdminRole, AdminNotFound, AdminRoleChanged.

    Saying again what was done already changes nothing.
    """
    admin = await _lock_other(session, viewer, admin_id)
    if admin.role not in {expected, role}:
        raise AdminRoleChanged(role=admin.role)
    admin.role = role
    await session.flush()
    return await queries.get_admin(session, admin_id)


async def remove(session: AsyncSession, viewer: Viewer, admin_id: UUID) -> int:
    """Leave another admin with a mere login, and end its sessions; how many.

    Raises Forbidden, OwnAdminRole and AdminNotFound.
    """
    await session.delete(await _lock_other(session, viewer, admin_id))
    await session.flush()
    await users.lock_user(session, admin_id)
    return await sessions.end_all(session, admin_id)


async def _lock_for_owner(session: AsyncSession, viewer: Viewer) -> dict[UUID, Admin]:
    """All admins, of whom the viewer is still an owner. Raises Forbidden.

    An owner stays for as long as this lasts, and nobody removes himself or takes his own role: so
    the last owner stays too, also when two remove each other at the same moment.
    """
    admins = await queries.lock_admins(session)
    own = admins.get(viewer.id)
    if own is None or own.role is not AdminRole.OWNER:
        raise Forbidden(NO_OWNER_ANY_MORE)
    return admins


async def _lock_other(session: AsyncSession, viewer: Viewer, admin_id: UUID) -> Admin:
    """Another admin, for an owner to decide about."""
    admins = await _lock_for_owner(session, viewer)
    if admin_id == viewer.id:
        raise OwnAdminRole
    if admin_id not in admins:
        raise AdminNotFound
    return admins[admin_id]


async def has_owner(session: AsyncSession) -> bool:
    """Whether somebody decides who the admins are; nobody adds or changes one until the commit."""
    admins = await queries.lock_admins(session)
    return any(admin.role is AdminRole.OWNER for admin in admins.values())


def _new_user(appointment: Appointment, password_hash: str) -> User:
    first_name, _, last_name = appointment.name.strip().partition(" ")
    return User(
        id=uuid7(),
        email=normal_email(appointment.email),
        password_hash=password_hash,
        first_name=first_name,
        last_name=last_name.strip(),
    )


def _problems(appointment: Appointment) -> Iterator[Problem]:
    yield from email_problems("email", appointment.email)
    yield from text.problems_of("name", appointment.name, most=PERSON_NAME_MAX)
