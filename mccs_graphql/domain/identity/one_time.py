"""The tokens of mails: made when a mail is sent, and used once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, MailKind, OneTimeToken, TokenPurpose, User
from mccs_graphql.db.queries import invitations, users
from mccs_graphql.db.queries import tokens as queries
from mccs_graphql.domain.identity.refusals import OneTimeTokenInvalid

TOKEN_BYTES = 32
LIFETIMES = {
    TokenPurpose.VERIFY_EMAIL: timedelta(days=3),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.CONFIRM_EMAIL_CHANGE: timedelta(days=1),
    TokenPurpose.CANCEL_EMAIL_CHANGE: timedelta(days=1),
    TokenPurpose.ACCEPT_INVITATION: timedelta(days=14),
}
"""Counted from when the mail is sent; an invitation's from when it was made, as its row says."""
PURPOSES = {
    MailKind.EMAIL_VERIFICATION: TokenPurpose.VERIFY_EMAIL,
    MailKind.PASSWORD_RESET: TokenPurpose.RESET_PASSWORD,
    MailKind.EMAIL_CHANGE: TokenPurpose.CONFIRM_EMAIL_CHANGE,
    MailKind.EMAIL_CHANGE_NOTICE: TokenPurpose.CANCEL_EMAIL_CHANGE,
    MailKind.INVITATION: TokenPurpose.ACCEPT_INVITATION,
}
_ABOUT_CHANGES = {TokenPurpose.CONFIRM_EMAIL_CHANGE, TokenPurpose.CANCEL_EMAIL_CHANGE}


@dataclass(frozen=True)
class Letter:
    """Where a mail goes, and the token in its link. Never kept, never logged."""

    address: str
    token: str


async def write_letter(session: AsyncSession, mail: Mail) -> Letter | None:
    """What the sender needs of a mail that carries a token; None if nobody is to get it.

    Each attempt makes a token of its own, and keeps its hash: all of them are good until one is
    used, so a mail that arrives twice has two good links.
    """
    purpose = PURPOSES[mail.kind]
    if purpose is TokenPurpose.ACCEPT_INVITATION:
        return await _write_invitation(session, UUID(mail.facts["invitation_id"]))
    user = await session.get(User, mail.user_id) if mail.user_id else None
    about = _subject(user, purpose) if user else None
    if user is None or about is None:
        return None
    await queries.forget_expired_tokens(session, user.id)
    expires_at = datetime.now(UTC) + LIFETIMES[purpose]
    token = await _keep(
        session, OneTimeToken(user_id=user.id, purpose=purpose, email=about, expires_at=expires_at)
    )
    to_new_address = purpose is TokenPurpose.CONFIRM_EMAIL_CHANGE
    return Letter(about if to_new_address else user.email, token)


async def _write_invitation(session: AsyncSession, id_: UUID) -> Letter | None:
    """To an address that may have no user; its token is good as long as the invitation."""
    invitation = await invitations.find_open(session, id_)
    if invitation is None:
        return None
    token = await _keep(
        session,
        OneTimeToken(
            invitation_id=invitation.id,
            purpose=TokenPurpose.ACCEPT_INVITATION,
            email=invitation.email,
            expires_at=invitation.expires_at,
        ),
    )
    return Letter(invitation.email, token)


async def _keep(session: AsyncSession, kept: OneTimeToken) -> str:
    """Keep the hash of a new token with what it is good for; the token itself."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    kept.token_hash = hash_of(token)
    session.add(kept)
    await session.flush()
    return token


async def require_usable(session: AsyncSession, purpose: TokenPurpose, token: str) -> None:
    """Raise OneTimeTokenInvalid unless the token is good now; it is not used up."""
    await _find(session, purpose, token)


async def use(session: AsyncSession, purpose: TokenPurpose, token: str) -> User:
    """The user of a token, locked. Of its kind no token is good any more.

    Raises OneTimeTokenInvalid, also to all but one of those who come at the same moment.
    """
    found = await _find(session, purpose, token)
    if found.user_id is None:  # of an invitation, which is not used up by a user's tokens
        raise OneTimeTokenInvalid
    user = await users.lock_user(session, found.user_id)
    used = await queries.use_up_tokens(session, user.id, purpose)
    if found.token_hash not in used or found.email != _subject(user, purpose):
        raise OneTimeTokenInvalid
    return user


async def _find(session: AsyncSession, purpose: TokenPurpose, token: str) -> OneTimeToken:
    found = await queries.find_one_time_token(session, purpose, hash_of(token))
    if found is None:
        raise OneTimeTokenInvalid
    return found


def _subject(user: User, purpose: TokenPurpose) -> str | None:
    """The address that a token of this purpose is about."""
    return user.pending_email if purpose in _ABOUT_CHANGES else user.email


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
