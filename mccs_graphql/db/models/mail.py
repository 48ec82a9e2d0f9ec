"""The outbox: mails that are due, written in the transaction that causes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of

ERROR_MAX = 200


class MailKind(StrEnum):
    """What a mail is about, and so how it is worded."""

    CONTACT = "contact"
    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a kind
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_NOTICE = "email_change_notice"
    INVITATION = "invitation"
    MEMBER_JOINED = "member_joined"
    MEMBER_REMOVED = "member_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    NEW_DEVICE = "new_device"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    API_TOKEN_CREATED = "api_token_created"  # noqa: S105
    ROLE_CHANGED = "role_changed"
    ENTITY_STATUS = "entity_status"
    TRANSFER_BY_ADMIN = "transfer_by_admin"
    TRANSFER_CANCELLED_BY_ADMIN = "transfer_cancelled_by_admin"
    DAILY_MATCHES = "daily_matches"
    BOOKS_CHECK_FAILED = "books_check_failed"
    TRANSFER_PROPOSED = "transfer_proposed"
    TRANSFER_COMPLETED = "transfer_completed"
    TRANSFER_REJECTED = "transfer_rejected"
    TRANSFER_CANCELLED = "transfer_cancelled"
    LIMITS_CHANGED = "limits_changed"


class MailState(StrEnum):
    """How far a mail has come. The last three are final, unless somebody has it tried again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Mail(Record):
    """A mail to an entity, to a user or to who is invited, sent or still due.

    ``facts`` are ids, and what only this row knows. Never where it goes: that is looked up when the
    mail is sent, so none is kept twice, and a mail goes to where its receiver is reached by then.
    An invitation goes to the address in the row that its facts name, and to nobody once that is
    gone. Any other one without receiver and user goes to nobody too: somebody asked for it with an
    address that no user has, and was not told so.

    ``next_attempt_at`` is from when on a worker may take it. While one is sending it, that is when
    its lease ends: a worker that has not come back by then is taken for dead. ``leased_by`` is a
    number of this one attempt, so that a worker that comes back late changes nothing. ``error``
    says why the last attempt failed, without addresses and links.
    """

    __tablename__ = "mails"

    id: Mapped[Id]
    kind: Mapped[MailKind] = mapped_column(one_of(MailKind, name="kind"))
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("entities.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Created]
    state: Mapped[MailState] = mapped_column(
        one_of(MailState, name="state"), default=MailState.QUEUED, server_default=text("'queued'")
    )
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    attempted_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_by: Mapped[UUID | None]
    error: Mapped[str] = mapped_column(String(ERROR_MAX), default="", server_default=text("''"))

    __table_args__ = (
        CheckConstraint("(state = 'sending') = (leased_by IS NOT NULL)", name="lease"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index(
            "ix_mails_due",
            "next_attempt_at",
            "id",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        # For the limits: what was tried lately.
        Index(
            "ix_mails_attempted",
            "attempted_at",
            postgresql_where=text("attempted_at IS NOT NULL"),
        ),
        # A user has one digest a day, whoever writes it.
        Index(
            "uq_mails_digest",
            "user_id",
            text("(facts ->> 'day')"),
            unique=True,
            postgresql_where=text("kind = 'daily_matches'"),
        ),
        # For the list of those that failed, and for the end of those that need not be kept.
        Index("ix_mails_ended", "state", "id", postgresql_where=text("state <> 'queued'")),
    )
