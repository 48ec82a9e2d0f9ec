"""Those who run the community: making them, changing their roles, removing them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Admin, AdminRole, User
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.models.user import PERSON_NAME_MAX
from mccs_graphql.db.queries import admins as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import text
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.refusals import EmailTaken, TooManyAdmins

ADMINS_MAX = 100
"""Of one community, whatever their roles."""


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
