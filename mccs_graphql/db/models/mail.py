"""The outbox: mails that are due, written in the transaction that causes them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of


class MailKind(StrEnum):
    """What a mail is about, and so how it is worded."""

    CONTACT = "contact"
    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a kind
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_NOTICE = "email_change_notice"
    TRANSFER_BY_ADMIN = "transfer_by_admin"
    TRANSFER_CANCELLED_BY_ADMIN = "transfer_cancelled_by_admin"


class Mail(Record):
    """A mail to an entity or to a user, sent or still due.

    ``facts`` are ids, and what only this row knows. Never an address: it is looked up when the
    mail is sent, so none is kept twice, and a mail goes to where its receiver is reached by then.
    A mail without ``sent_at`` is due from ``next_attempt_at`` on. One without receiver and user
    goes to nobody: somebody asked for it with an address that no user has, and was not told so.
    """

    __tablename__ = "mails"

    id: Mapped[Id]
    kind: Mapped[MailKind] = mapped_column(one_of(MailKind, name="kind"))
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("entities.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Created]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_mails_due", "next_attempt_at", postgresql_where=text("sent_at IS NULL")),
    )
