"""Transfers: proposed by one side, decided by the other."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.entity import ENTITY_NAME_MAX
from mccs_graphql.db.models.record import Created, Id, Record, one_of

DESCRIPTION_MAX = 500
REASON_MAX = 500
AMOUNT_MAX = 10**15 - 1
"""Smallest units; far below what BIGINT holds, so that no sum of balances overflows."""


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


class Transfer(Record):
    """A movement agreed by two entities: the original's journal.

    ``amount`` counts the smallest unit and is positive. The names are those at the proposal.
    ``proposed_with`` and ``decided_with`` are the API tokens of software agents, which act in the
    name of the user beside. Once decided the row never changes again; the database refuses it.
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
        Index("ix_transfers_payer", "payer_id", "proposed_at", "id"),
        Index("ix_transfers_payee", "payee_id", "proposed_at", "id"),
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
