"""Accounts and the postings that move their balances."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Record

ACCOUNT_NUMBER_LENGTH = 16


class Account(Record):
    """What an entity's credits are kept in: one each, so the entity's id is its key.

    Amounts count the smallest unit; limits are non-negative and the balance lies in
    ``-max_negative_balance .. max_positive_balance``, but for what a forced ``LimitChange`` left
    outside: a trigger lets such a balance move towards the limits only. Both counters are raised
    under the row's lock, so they have no gaps and follow the order of commits.
    """

    __tablename__ = "accounts"

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    account_number: Mapped[str] = mapped_column(String(ACCOUNT_NUMBER_LENGTH), unique=True)
    balance: Mapped[int] = mapped_column(default=0)
    max_negative_balance: Mapped[int]
    max_positive_balance: Mapped[int]
    posting_count: Mapped[int] = mapped_column(default=0)
    event_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Created]

    __table_args__ = (
        CheckConstraint("account_number ~ '^[0-9]{16}$'", name="account_number"),
        CheckConstraint("max_negative_balance >= 0", name="max_negative_balance"),
        CheckConstraint("max_positive_balance >= 0", name="max_positive_balance"),
        # For admins, who sort and find entities by them.
        Index("ix_accounts_balance", "balance", "entity_id"),
        Index("ix_accounts_max_negative_balance", "max_negative_balance", "entity_id"),
        Index("ix_accounts_max_positive_balance", "max_positive_balance", "entity_id"),
    )


class Posting(Record):
    """One line of an account: immutable, numbered from 1, with the balance after it.

    The postings of a transfer sum to zero. The database refuses anything else at the commit, and
    any UPDATE or DELETE at once. It dates them too: in the order of their numbers, those of a
    transfer alike.
    """

    __tablename__ = "postings"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nobody reads the time back

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"), index=True)
    amount: Mapped[int]
    balance_after: Mapped[int]
    posted_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())

    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_postings_posted", "entity_id", "posted_at", "number"),
    )
