"""What became of the limits of accounts, and what new ones start with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.entity import EntityStatus
from mccs_graphql.db.models.record import Created, Record, one_of
from mccs_graphql.db.models.transfer import REASON_MAX


class LimitChange(Record):
    """One change of an account's limits: immutable, numbered from 1 without gaps.

    Only a ``forced`` one may leave the balance out of the limits; from then on the database lets
    that balance move towards them and never further away. ``by_default`` says that a new default
    brought it along.
    """

    __tablename__ = "limit_changes"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    max_negative_before: Mapped[int]
    max_positive_before: Mapped[int]
    max_negative_after: Mapped[int]
    max_positive_after: Mapped[int]
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    forced: Mapped[bool]
    by_default: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[Created]

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("reason <> ''", name="reason"),
    )


class LimitDefault(Record):
    """What members of a status start with. Without a row, it is what the settings say."""

    __tablename__ = "limit_defaults"

    status: Mapped[EntityStatus] = mapped_column(
        one_of(EntityStatus, name="status"), primary_key=True
    )
    max_negative_balance: Mapped[int]
    max_positive_balance: Mapped[int]
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("max_negative_balance >= 0", name="max_negative_balance"),
        CheckConstraint("max_positive_balance >= 0", name="max_positive_balance"),
    )
