"""How entities come in touch: which ones they keep in mind, what they first write to each other."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record

FAVORITES_MAX = 1_000
"""Favourites of one entity, also those that are not listed any more."""
MESSAGE_MAX = 2_000


class Favorite(Record):
    """``entity_id`` keeps ``favorite_id`` in mind; only the members of the first know."""

    __tablename__ = "favorites"
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - nobody reads the time back

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), primary_key=True)
    favorite_id: Mapped[UUID] = mapped_column(
        ForeignKey("entities.id"), primary_key=True, index=True
    )
    created_at: Mapped[Created]

    __table_args__ = (CheckConstraint("entity_id <> favorite_id", name="two_entities"),)


class ContactMessage(Record):
    """What a user wrote for one entity to another.

    It keeps its own idempotency key, and a hash of the request. The table of the ledger's keys
    refers to transfers, and a message is the only effect its key can have: the row that proves the
    effect is the row that carries the key, so neither can be there without the other.
    """

    __tablename__ = "contact_messages"

    id: Mapped[Id]
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"))
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str] = mapped_column(String(MESSAGE_MAX))
    idempotency_key: Mapped[UUID]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[Created]

    __table_args__ = (
        CheckConstraint("sender_id <> receiver_id", name="two_entities"),
        UniqueConstraint("user_id", "idempotency_key"),
        # For the limits: what an entity, and what a user, has sent lately.
        Index("ix_contact_messages_sender", "sender_id", "created_at"),
        Index("ix_contact_messages_user", "user_id", "created_at"),
    )
