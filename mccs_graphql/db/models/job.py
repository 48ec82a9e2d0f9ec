"""What is done by the clock: one row for each job, whoever does it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Record, one_of

DETAIL_MAX = 200


class JobName(StrEnum):
    """What is to be done again and again."""

    EXPIRE_PROPOSALS = "expireProposals"
    DAILY_DIGEST = "dailyDigest"
    CHECK_BOOKS = "checkBooks"
    FORGET = "forget"


class JobOutcome(StrEnum):
    """What became of a run."""

    DONE = "done"
    ALARM = "alarm"
    FAILED = "failed"


class ScheduledJob(Record):
    """A job, when it is due, and what became of its last run.

    While a process is at it, ``leased_by`` is the number of this one run, until ``lease_ends_at``:
    a process that has not prolonged its lease by then is taken for dead, and another one begins
    anew. ``done_until`` is when the last run that came to its end began: what fell due by then is
    done. ``failures`` counts those in a row that failed. ``detail`` are counts, nobody's data.
    """

    __tablename__ = "scheduled_jobs"

    name: Mapped[JobName] = mapped_column(one_of(JobName, name="name"), primary_key=True)
    due_at: Mapped[datetime]
    done_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[JobOutcome | None] = mapped_column(one_of(JobOutcome, name="outcome"))
    detail: Mapped[str] = mapped_column(String(DETAIL_MAX), default="", server_default=text("''"))
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    leased_by: Mapped[UUID | None]
    lease_ends_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(leased_by IS NULL) = (lease_ends_at IS NULL)", name="lease"),
    )


class DigestPosition(Record):
    """How far a user has been told of an entity's matches, by mails that were really sent.

    ``seq`` is that of the entity's log.
    """

    __tablename__ = "digest_positions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True, index=True)
    seq: Mapped[int]
