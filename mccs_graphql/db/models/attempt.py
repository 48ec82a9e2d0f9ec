"""What is remembered of attempts that went wrong, such as wrong passwords."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Record

RULE_MAX = 40


class AttemptCount(Record):
    """How many attempts count against an account, a place, or both together, by one rule.

    The key is a hash: neither an address of e-mail nor one of the network can be read from a row.
    ``level`` is the count as of ``counted_at``; it falls as time goes by, and a row is of no use
    any more once it is ``forgotten_at``.
    """

    __tablename__ = "attempt_counts"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    rule: Mapped[str] = mapped_column(String(RULE_MAX))
    level: Mapped[float]
    counted_at: Mapped[datetime]
    forgotten_at: Mapped[datetime]

    __table_args__ = (Index("ix_attempt_counts_forgotten_at", "forgotten_at"),)
