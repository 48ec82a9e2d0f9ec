"""Who did what: entries that are only ever added, each sealed to the one before it."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, one_of
from mccs_graphql.db.models.user import HASH_BYTES

ACTION_MAX = 60
CODE_MAX = 60
REFERENCE_MAX = 60


class ActorKind(StrEnum):
    """What kind of one did it."""

    VISITOR = "VISITOR"
    USER = "USER"
    ADMIN = "ADMIN"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a kind
    SYSTEM = "SYSTEM"


class AuditOutcome(StrEnum):
    """What came of it."""

    DONE = "DONE"
    REFUSED = "REFUSED"


class AuditEntry(Record):
    """One deed: written in its own transaction, never changed.

    ``details`` are what may have to be erased, as the law asks for persons: the address, the reason
    and the changes, with the values before and after. Their salted hash stays, so that leaving them
    out is something else than changing them. ``sealed_seq`` and ``seal`` follow some seconds later:
    each seal covers the entry and the seal before it.
    """

    __tablename__ = "audit_entries"

    id: Mapped[Id]
    recorded_at: Mapped[Created]
    action: Mapped[str] = mapped_column(String(ACTION_MAX))
    outcome: Mapped[AuditOutcome] = mapped_column(one_of(AuditOutcome, name="outcome"))
    refusal: Mapped[str | None] = mapped_column(String(CODE_MAX))
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, name="actor_kind"))
    actor_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    subjects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reference: Mapped[str] = mapped_column(String(REFERENCE_MAX))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    details_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))
    erased_by: Mapped[UUID | None] = mapped_column(ForeignKey("audit_entries.id"))
    sealed_seq: Mapped[int | None] = mapped_column(unique=True)
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))

    __table_args__ = (
        CheckConstraint("(sealed_seq IS NULL) = (seal IS NULL)", name="sealed"),
        CheckConstraint("(details IS NULL) = (erased_by IS NOT NULL)", name="erased"),
        Index("ix_audit_entries_actor", "actor_id", "recorded_at", "id"),
        Index("ix_audit_entries_action", "action", "recorded_at", "id"),
        Index(
            "ix_audit_entries_refused",
            *("recorded_at", "id"),
            postgresql_where=text("outcome = 'REFUSED'"),
        ),
        Index(
            "ix_audit_entries_kind",
            *("actor_kind", "recorded_at", "id"),
            postgresql_where=text("actor_kind <> 'USER'"),
        ),
        Index("ix_audit_entries_recorded", "recorded_at", "id"),
        Index("ix_audit_entries_subjects", "subjects", postgresql_using="gin"),
        Index("ix_audit_entries_fields", "fields", postgresql_using="gin"),
        Index("ix_audit_entries_unsealed", "id", postgresql_where=text("sealed_seq IS NULL")),
    )


class AuditHead(Record):
    """The one row that knows the last seal: an entry that is cut off at the end is missed by it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_seq: Mapped[int]
    seal: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES))

    __table_args__ = (CheckConstraint("id = 1", name="only"),)
