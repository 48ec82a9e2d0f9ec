"""Transfers: proposed by one side, decided by the other."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.entity import ENTITY_NAME_MAX
from mccs_graphql.db.models.record import Created, Id, Record, one_of

DESCRIPTION_MAX = 500
REASON_MAX = 500
AMOUNT_MAX = 10**15 - 1
"""Smallest units; far below what BIGINT holds, so that no sum of balances overflows."""


DESCRIPTION_WORDS = "to_tsvector('simple'::regconfig, description)"
"""The words of a description as they are found: letter case does not count, endings do."""
_DECIDED = text("decided_at IS NOT NULL")
_CANCELLED = text("cancelled_by IS NOT NULL")


class TransferState(StrEnum):
    """The stages of a transfer; the last two are final."""

    INITIATED = "initiated"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Canceller(StrEnum):
    """Who ended a transfer before it completed; by the receiver means rejected."""

    INITIATOR = "initiator"
    RECEIVER = "receiver"
    SYSTEM = "system"
    ADMIN = "admin"


class SystemReason(StrEnum):
    """Why the system cancelled a transfer."""

    PAYER_CREDIT_LIMIT = "payerCreditLimit"
    PAYEE_BALANCE_CEILING = "payeeBalanceCeiling"
    EXPIRED = "expired"


class Transfer(Record):
    """A movement agreed by two entities: the original's journal.

    ``amount`` counts the smallest unit and is positive. The names are those at the proposal.
    ``proposed_with`` and ``decided_with`` are the API tokens of software agents, which act in the
    name of the user beside.
    Once decided the row never changes again; the database refuses it. One with an ``admin_id`` was
    made by that admin, for the ``admin_reason``, and completes in the transaction that makes it;
    it stands as if its payer had proposed it. ``reverses_id`` is what it takes back, all of it.
    """

    __tablename__ = "transfers"

    id: Mapped[Id]
    payer_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"))
    payee_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.entity_id"))
    initiator_id: Mapped[UUID]
    payer_name: Mapped[str] = mapped_column(String(ENTITY_NAME_MAX))
    payee_name: Mapped[str] = mapped_column(String(ENTITY_NAME_MAX))
    amount: Mapped[int]
    description: Mapped[str] = mapped_column(String(DESCRIPTION_MAX), default="")
    state: Mapped[TransferState] = mapped_column(
        one_of(TransferState, name="state"), default=TransferState.INITIATED
    )
    proposed_at: Mapped[Created]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    proposed_with: Mapped[UUID | None] = mapped_column(ForeignKey("api_tokens.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_with: Mapped[UUID | None] = mapped_column(ForeignKey("api_tokens.id"))
    cancelled_by: Mapped[Canceller | None] = mapped_column(one_of(Canceller, name="cancelled_by"))
    cancellation_reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    system_reason: Mapped[SystemReason | None] = mapped_column(
        one_of(SystemReason, name="system_reason")
    )
    admin_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    admin_reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("transfers.id"))

    __table_args__ = (
        CheckConstraint(f"amount BETWEEN 1 AND {AMOUNT_MAX}", name="amount"),
        CheckConstraint("payer_id <> payee_id", name="two_entities"),
        CheckConstraint("initiator_id IN (payer_id, payee_id)", name="initiator"),
        CheckConstraint("(state = 'initiated') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state = 'cancelled') = (cancelled_by IS NOT NULL)", name="canceller"),
        CheckConstraint(
            "(cancelled_by IS NOT DISTINCT FROM 'system') = (system_reason IS NOT NULL)",
            name="reason_of_system",
        ),
        CheckConstraint("(admin_id IS NULL) = (admin_reason IS NULL)", name="by_admin"),
        CheckConstraint("reverses_id IS NULL OR admin_id IS NOT NULL", name="reversal"),
        Index("ix_transfers_payer", "payer_id", "proposed_at", "id"),
        Index("ix_transfers_payee", "payee_id", "proposed_at", "id"),
        # Orders in which admins go through all transfers, and what they rarely find on the way.
        Index("ix_transfers_proposed", "proposed_at", "id"),
        Index("ix_transfers_decided", "decided_at", "id", postgresql_where=_DECIDED),
        Index("ix_transfers_amount", "amount", "id"),
        Index("ix_transfers_open", "id", postgresql_where=text("state = 'initiated'")),
        Index("ix_transfers_cancelled_by", "cancelled_by", postgresql_where=_CANCELLED),
        Index("ix_transfers_admin", "admin_id", postgresql_where=text("admin_id IS NOT NULL")),
        Index(
            "uq_transfers_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index("ix_transfers_words", text(DESCRIPTION_WORDS), postgresql_using="gin"),
        # Words and this state together: nearly everything else with a word is completed.
        Index(
            "ix_transfers_cancelled_words",
            text(DESCRIPTION_WORDS),
            postgresql_using="gin",
            postgresql_where=text("state = 'cancelled'"),
        ),
    )

    @property
    def receiver_id(self) -> UUID:
        """The side that decides: the one that did not propose."""
        return self.payee_id if self.initiator_id == self.payer_id else self.payer_id


class IdempotencyKey(Record):
    """What an actor's key stood for, so that a repeated command has its effect once.

    Written in the transaction that does the work: a refused command leaves no trace, and its key
    may be used again.
    """

    __tablename__ = "idempotency_keys"

    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    transfer_id: Mapped[UUID] = mapped_column(
        ForeignKey("transfers.id", deferrable=True, initially="DEFERRED")
    )
    created_at: Mapped[Created]
