"""What users are told in the app, and which of it they want by which way."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of


class NoticeKind(StrEnum):
    """What a user is told of; a mail about the same has a kind of the same value."""

    TRANSFER_PROPOSED = "transfer_proposed"
    TRANSFER_COMPLETED = "transfer_completed"
    TRANSFER_REJECTED = "transfer_rejected"
    TRANSFER_CANCELLED = "transfer_cancelled"
    TRANSFER_BY_ADMIN = "transfer_by_admin"
    TRANSFER_CANCELLED_BY_ADMIN = "transfer_cancelled_by_admin"
    LIMITS_CHANGED = "limits_changed"
    MATCH_FOUND = "match_found"
    DAILY_MATCHES = "daily_matches"
    CONTACT = "contact"
    ENTITY_STATUS = "entity_status"
    MEMBER_JOINED = "member_joined"
    MEMBER_REMOVED = "member_removed"
    ROLE_CHANGED = "role_changed"
    API_TOKEN_CREATED = "api_token_created"  # noqa: S105 - the name of a kind
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    NEW_DEVICE = "new_device"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"


class Channel(StrEnum):
    """A way by which users are told."""

    IN_APP = "in_app"
    MAIL = "mail"


class Notice(Record):
    """One thing that one user is told, which names what it is about and says nothing itself.

    ``entity_id`` is the entity of the user's that it concerns, None if it concerns the login.
    ``other_id`` is another entity: one that matches, or that has written. ``number`` counts the
    user's notices in the order of commits, without gaps; it is given soon after the commit.
    """

    __tablename__ = "notices"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nobody reads the time back

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    number: Mapped[int | None]
    kind: Mapped[NoticeKind] = mapped_column(one_of(NoticeKind, name="kind"))
    entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("entities.id"))
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.id"))
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("entities.id"))
    created_at: Mapped[Created]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notices_user", "user_id", "id"),
        Index("ix_notices_unread", "user_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("uq_notices_number", "user_id", "number", unique=True),
        Index("ix_notices_unnumbered", "id", postgresql_where=text("number IS NULL")),
    )


class NoticeHead(Record):
    """How far the numbers of a user's notices go."""

    __tablename__ = "notice_heads"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    last: Mapped[int]


class NoticePreference(Record):
    """A user wants a kind of notice by a channel, or does not. Without a row the default holds."""

    __tablename__ = "notice_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(one_of(NoticeKind, name="kind"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, name="channel"), primary_key=True)
    wanted: Mapped[bool]
