"""The log of what happened to each entity."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Record, one_of


class EventKind(StrEnum):
    """What happened."""

    TRANSFER_PROPOSED = "transferProposed"
    TRANSFER_COMPLETED = "transferCompleted"
    TRANSFER_CANCELLED = "transferCancelled"
    MATCH_FOUND = "matchFound"


class Event(Record):
    """One entry of an entity's log; ``seq`` counts from 1 without gaps, in order of commits.

    It is about a transfer, or about a match: then ``match_id`` is the other entity. It is ``told``
    once those who belong to the entity have their notices of it.
    """

    __tablename__ = "events"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nobody reads the time back

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EventKind] = mapped_column(one_of(EventKind, name="kind"))
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.id"))
    match_id: Mapped[UUID | None] = mapped_column(ForeignKey("entities.id"))
    recorded_at: Mapped[Created]
    told: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (
        CheckConstraint("num_nonnulls(transfer_id, match_id) = 1", name="one_subject"),
        CheckConstraint("(kind = 'matchFound') = (match_id IS NOT NULL)", name="subject_of_kind"),
        # For the end of those that need not be kept.
        Index("ix_events_recorded", "recorded_at"),
        Index(
            "ix_events_untold",
            "recorded_at",
            "entity_id",
            "seq",
            postgresql_where=text("NOT told"),
        ),
    )
