"""Changing a password: by who knows the current one, or by who reads the user's mails."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, MailKind, NoticeKind, TokenPurpose, User
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.db.queries import tokens
from mccs_graphql.domain import text
from mccs_graphql.domain.audit.changes import CREATED, note
from mccs_graphql.domain.identity import api_tokens, one_time, sessions
from mccs_graphql.domain.identity.notices import tell
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX, password_problems
from mccs_graphql.domain.identity.refusals import PasswordWrong
from mccs_graphql.domain.identity.sessions import Origin
from mccs_graphql.domain.identity.viewer import Viewer


def require_passwords(*, current: str, new: str) -> None:
    """Raise InvalidInput with what is wrong with either, before anything is hashed."""
    text.require(
        problem
        for problems in (
            text.problems_of("current_password", current, most=PASSWORD_MAX),
            password_problems(new, path="new_password"),
        )
        for problem in problems
    )


def require_current_password(current: str) -> None:
    """Raise InvalidInput with what is wrong, before anything is hashed."""
    text.require(text.problems_of("current_password", current, most=PASSWORD_MAX))


def require_new_password(new: str) -> None:
    """Raise InvalidInput with what is wrong, before a token is used up for it."""
    text.require(password_problems(new, path="new_password"))


def require_fitting(*, fits: bool) -> None:
    """Raise PasswordWrong, before anything more is hashed."""
    if not fits:
        raise PasswordWrong


async def lock_proven(session: AsyncSession, viewer: Viewer) -> User:
    """The viewer's own row, if the password that fitted is still theirs. Raises PasswordWrong."""
    verified = viewer.user.password_hash
    user = await sessions.lock_viewer(session, viewer)
    require_fitting(fits=user.password_hash == verified)
    return user


async def change_password(
    session: AsyncSession, viewer: Viewer, *, password_hash: str, origin: Origin
) -> int:
    """Take the new password; end all other sessions, and say how many. Raises PasswordWrong."""
    user = await lock_proven(session, viewer)
    await _take(session, user, password_hash, origin)
    return await sessions.end_all(session, user.id, but=viewer.require_session())


def require_address(email: str) -> None:
    """Raise InvalidInput for what cannot be anybody's address."""
    text.require(text.problems_of("email", email, most=EMAIL_MAX))


async def request_reset(session: AsyncSession, email: str) -> None:
    """Let a mail with a link go out, if somebody has this address; nobody learns whether."""
    await tokens.add_mail_by_address(session, email, MailKind.PASSWORD_RESET)
    # Without its receiver, so that the trail says the same whether there is one.
    note(
        session,
        Mail,
        "",
        what=CREATED,
        fields={"kind": (None, MailKind.PASSWORD_RESET.value)},
    )


async def reset_password(
    session: AsyncSession, token: str, *, password_hash: str, origin: Origin
) -> None:
    """Take the new password; end all sessions and API tokens. Raises OneTimeTokenInvalid.

    Who has the token reads the mails of this address, so it counts as verified. API tokens end too,
    as somebody else may have known the old password, and made one with it.
    """
    user = await one_time.use(session, TokenPurpose.RESET_PASSWORD, token)
    user.email_verified_at = user.email_verified_at or datetime.now(UTC)
    await _take(session, user, password_hash, origin)
    await api_tokens.end_tokens_of(session, user_id=user.id)
    await sessions.end_all(session, user.id)


async def _take(session: AsyncSession, user: User, password_hash: str, origin: Origin) -> None:
    user.password_hash = password_hash
    await tokens.use_up_tokens(session, user.id, TokenPurpose.RESET_PASSWORD)
    await tell(session, user.id, NoticeKind.PASSWORD_CHANGED, address=origin.address)
