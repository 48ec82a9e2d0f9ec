"""Entities keep favourites and write to each other; mails wait in an outbox."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables, all empty."""
    _add_favorites()
    _add_contact_messages()
    _add_mails()


def _add_favorites() -> None:
    op.create_table(
        "favorites",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("favorite_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        sa.CheckConstraint("entity_id <> favorite_id", name=op.f("ck_favorites_two_entities")),
        _refers("favorites", "entity_id", to="entities"),
        _refers("favorites", "favorite_id", to="entities"),
        sa.PrimaryKeyConstraint("entity_id", "favorite_id", name=op.f("pk_favorites")),
    )
    op.create_index(op.f("ix_favorites_favorite_id"), "favorites", ["favorite_id"], unique=False)


def _add_contact_messages() -> None:
    op.create_table(
        "contact_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("idempotency_key", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        _moment("created_at"),
        sa.CheckConstraint(
            "sender_id <> receiver_id", name=op.f("ck_contact_messages_two_entities")
        ),
        _refers("contact_messages", "sender_id", to="entities"),
        _refers("contact_messages", "receiver_id", to="entities"),
        _refers("contact_messages", "user_id", to="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_messages")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_contact_messages_user_id_idempotency_key")
        ),
    )
    for name, columns in (
        ("sender", ["sender_id", "created_at"]),
        ("user", ["user_id", "created_at"]),
    ):
        op.create_index(f"ix_contact_messages_{name}", "contact_messages", columns, unique=False)


def _add_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("contact", name="kind", native_enum=False, create_constraint=True, length=31),
            nullable=False,
        ),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        _moment("created_at"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _moment("next_attempt_at"),
        _refers("mails", "receiver_id", to="entities"),
        _refers("mails", "user_id", to="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
    )


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _refers(table: str, column: str, *, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
