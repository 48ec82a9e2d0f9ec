"""A user's e-mail address: verifying it, and changing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import MailKind, TokenPurpose, User
from mccs_graphql.db.queries import tokens
from mccs_graphql.domain import text
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity import one_time
from mccs_graphql.domain.identity.credentials import lock_proven
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX
from mccs_graphql.domain.identity.refusals import EmailTaken
from mccs_graphql.domain.identity.viewer import Viewer

_OF_CHANGES = (TokenPurpose.CONFIRM_EMAIL_CHANGE, TokenPurpose.CANCEL_EMAIL_CHANGE)


async def request_verification(session: AsyncSession, user: User) -> bool:
    """Let a mail with a link go out; False if the address is verified already."""
    if user.email_verified_at is not None:
        return False
    await tokens.add_mails(session, user.id, [MailKind.EMAIL_VERIFICATION])
    return True


async def verify(session: AsyncSession, token: str) -> User:
    """The user reads the mails of the address. Raises OneTimeTokenInvalid."""
    user = await one_time.use(session, TokenPurpose.VERIFY_EMAIL, token)
    user.email_verified_at = user.email_verified_at or datetime.now(UTC)
    return user


def require_change(viewer: Viewer, *, email: str, current_password: str) -> None:
    """Raise InvalidInput with what is wrong, before anything is hashed."""
    text.require(_problems(viewer, email, current_password))


async def request_change(session: AsyncSession, viewer: Viewer, email: str) -> User:
    """Ask the new address to confirm, and tell the old one. Raises PasswordWrong.

    Whether another user has the address is not said here, but to who confirms it.
    """
    user = await lock_proven(session, viewer)
    user.pending_email = normal_email(email)
    await tokens.use_up_tokens(session, user.id, *_OF_CHANGES)
    kinds = (MailKind.EMAIL_CHANGE, MailKind.EMAIL_CHANGE_NOTICE)
    await tokens.add_mails(session, user.id, kinds)
    return user


async def confirm_change(session: AsyncSession, token: str) -> User:
    """Log-ins are by the new address from now on. Raises OneTimeTokenInvalid and EmailTaken."""
    user = await one_time.use(session, TokenPurpose.CONFIRM_EMAIL_CHANGE, token)
    user.email, user.pending_email = user.pending_email or user.email, None
    user.version += 1
    user.email_verified_at = datetime.now(UTC)
    with taking_an_address():
        await session.flush()
    # What went to the old address is not to open the door any more.
    await tokens.use_up_tokens(session, user.id, *TokenPurpose)
    return user


async def cancel_change(session: AsyncSession, token: str) -> User:
    """The address stays. Raises OneTimeTokenInvalid, also once the change has been confirmed."""
    user = await one_time.use(session, TokenPurpose.CANCEL_EMAIL_CHANGE, token)
    user.pending_email = None
    await tokens.use_up_tokens(session, user.id, *_OF_CHANGES)
    return user


@contextmanager
def taking_an_address() -> Iterator[None]:
    """Of several at the same moment the unique index lets one through. Raises EmailTaken."""
    try:
        yield
    except IntegrityError as error:
        if "uq_users_email" in str(error.orig):
            raise EmailTaken from error
        raise


def _problems(viewer: Viewer, email: str, current_password: str) -> Iterator[Problem]:
    yield from text.problems_of("current_password", current_password, most=PASSWORD_MAX)
    found = tuple(email_problems("new_email", email))
    yield from found
    if not found and normal_email(email) == viewer.user.email:
        yield Problem(("new_email",), "SAME_ADDRESS", "This is the address you have.")
