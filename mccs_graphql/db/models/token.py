"""What tokens are signed with, and the tokens of mails."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of
from mccs_graphql.db.models.user import EMAIL_MAX, HASH_BYTES

KID_MAX = 31
KEY_BYTES = 32
SEALED_BYTES_MAX = 60
"""A sealed key: its nonce, the key, and what proves that nobody changed it."""


class SigningKey(Record):
    """An Ed25519 key pair. Until it has retired, access tokens may be signed with it.

    The private key is ``sealed`` if the community has a secret to seal it with.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(KID_MAX), primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES))
    private_key: Mapped[bytes] = mapped_column(LargeBinary(SEALED_BYTES_MAX))
    sealed: Mapped[bool]
    created_at: Mapped[Created]
    retired_at: Mapped[datetime | None]


class TokenPurpose(StrEnum):
    """What a token of a mail is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    CONFIRM_EMAIL_CHANGE = "confirm_email_change"
    CANCEL_EMAIL_CHANGE = "cancel_email_change"
    ACCEPT_INVITATION = "accept_invitation"


class OneTimeToken(Record):
    """A token that went out by mail and has not been used; only its hash is kept.

    ``email`` is the address it is about: it is good for that one and no other. It belongs to a
    user, or to an invitation of somebody who may not be one yet.
    """

    __tablename__ = "one_time_tokens"

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    invitation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[TokenPurpose] = mapped_column(one_of(TokenPurpose, name="purpose"))
    email: Mapped[str] = mapped_column(String(EMAIL_MAX))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, invitation_id) = 1", name="one_owner"),
    )
