"""The log of what happened to each entity."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Record, one_of


class EventKind(StrEnum):
    """What happened."""

    TRANSFER_PROPOSED = "transferProposed"
    TRANSFER_COMPLETED = "transferCompleted"
    TRANSFER_CANCELLED = "transferCancelled"


class Event(Record):
    """One entry of an entity's log; ``seq`` counts from 1 without gaps, in order of commits."""

    __tablename__ = "events"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nobody reads the time back

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EventKind] = mapped_column(one_of(EventKind, name="kind"))
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"))
    recorded_at: Mapped[Created]
