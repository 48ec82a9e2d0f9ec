"""What software agents are known by."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mccs_graphql.db.models.record import Created, Id, Record, Texts
from mccs_graphql.db.models.transfer import AMOUNT_MAX
from mccs_graphql.db.models.user import ADDRESS_MAX, HASH_BYTES

TOKEN_NAME_MAX = 100


class Scope(StrEnum):
    """What an API token may be used for."""

    READ = "READ"
    DIRECTORY = "DIRECTORY"
    TRANSFERS = "TRANSFERS"


class ApiToken(Record):
    """What a software agent acts for one entity with; only a hash of it is kept.

    ``spent`` is what it has moved on the day ``spent_on``, in the smallest unit; the days are those
    of UTC. One that is revoked stays, as transfers refer to it.
    """

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("entities.id"), index=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(TOKEN_NAME_MAX))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), unique=True)
    scopes: Mapped[Texts]
    daily_amount: Mapped[int | None]
    spent_on: Mapped[date | None]
    spent: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    last_used_address: Mapped[str | None] = mapped_column(String(ADDRESS_MAX))
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "scopes <@ ARRAY['READ', 'DIRECTORY', 'TRANSFERS'] AND cardinality(scopes) > 0",
            name="scopes",
        ),
        CheckConstraint(f"daily_amount BETWEEN 1 AND {AMOUNT_MAX}", name="daily_amount"),
        CheckConstraint(
            "('TRANSFERS' = ANY (scopes)) = (daily_amount IS NOT NULL)", name="amount_of_transfers"
        ),
        CheckConstraint("spent BETWEEN 0 AND COALESCE(daily_amount, 0)", name="spent"),
    )
