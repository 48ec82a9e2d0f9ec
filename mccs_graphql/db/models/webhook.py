"""Addresses that integrators have called when something happens to their entity."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, Texts, one_of

URL_MAX = 500
HOST_MAX = 253
WEBHOOK_DESCRIPTION_MAX = 200
SEALED_SECRET_BYTES_MAX = 60
"""A sealed secret: its nonce, its 32 bytes, and what proves that nobody changed them."""
MESSAGE_ID_MAX = 60
MESSAGE_TYPE_MAX = 40


class WebhookPause(StrEnum):
    """Why a webhook is not called."""

    OWNER = "owner"
    FAILING = "failing"
    GONE = "gone"


class WebhookFault(StrEnum):
    """What came of a call that did not get through."""

    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    NOT_HTTP = "notHttp"
    REDIRECT = "redirect"
    STATUS = "status"
    SECRET = "secret"  # noqa: S105 - what is wrong, not one
    INTERNAL = "internal"


class Webhook(Record):
    """Where an entity's events go. The entity's log is the queue, and ``position`` the place in it.

    Up to there the events of its ``kinds`` have arrived, or somebody chose to go on from there.
    ``due_at`` is when the next one may be tried; ``failures`` counts those in a row, since
    ``failing_since``. ``ping_id`` is a trial call that somebody asked for and that was not made
    yet. ``leased_by`` is a number of the one call under way, until ``lease_until`` at most: a
    worker that comes back later changes nothing, nor does one that was overtaken by an owner.

    The secrets are ``sealed`` if the community has a secret to seal them with. The
    ``former_secret`` signs too until ``former_until``.
    """

    __tablename__ = "webhooks"

    id: Mapped[Id]
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"), index=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Created]
    url: Mapped[str] = mapped_column(String(URL_MAX))
    host: Mapped[str] = mapped_column(String(HOST_MAX))
    description: Mapped[str] = mapped_column(String(WEBHOOK_DESCRIPTION_MAX))
    kinds: Mapped[Texts]
    secret: Mapped[bytes] = mapped_column(LargeBinary(SEALED_SECRET_BYTES_MAX))
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary(SEALED_SECRET_BYTES_MAX))
    former_until: Mapped[datetime | None]
    sealed: Mapped[bool]
    position: Mapped[int]
    delivered_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failing_since: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paused_at: Mapped[datetime | None]
    paused_for: Mapped[WebhookPause | None] = mapped_column(one_of(WebhookPause, name="paused_for"))
    ping_id: Mapped[UUID | None]
    leased_by: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "kinds <@ ARRAY['transferProposed', 'transferCompleted', 'transferCancelled', "
            "'matchFound'] AND cardinality(kinds) > 0",
            name="kinds",
        ),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("(paused_at IS NULL) = (paused_for IS NULL)", name="paused"),
        CheckConstraint("(leased_by IS NULL) = (lease_until IS NULL)", name="lease"),
        CheckConstraint("(former_secret IS NULL) = (former_until IS NULL)", name="former"),
        CheckConstraint("(failures > 0) = (failing_since IS NOT NULL)", name="failing"),
        Index(
            "ix_webhooks_due",
            "due_at",
            "id",
            postgresql_where=text("paused_at IS NULL OR ping_id IS NOT NULL"),
        ),
    )


class WebhookAttempt(Record):
    """One call of a webhook, and what came of it; never what was answered but its status.

    Without a ``fault`` it got through.
    """

    __tablename__ = "webhook_attempts"

    id: Mapped[Id]
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    message_id: Mapped[str] = mapped_column(String(MESSAGE_ID_MAX))
    type: Mapped[str] = mapped_column(String(MESSAGE_TYPE_MAX))
    attempted_at: Mapped[Created]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    fault: Mapped[WebhookFault | None] = mapped_column(one_of(WebhookFault, name="fault"))

    __table_args__ = (Index("ix_webhook_attempts_webhook", "webhook_id", "id"),)
