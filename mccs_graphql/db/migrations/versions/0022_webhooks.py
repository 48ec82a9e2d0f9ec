"""Webhooks, which are called when something happens to an entity."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PAUSES = ("owner", "failing", "gone")
FAULTS = (
    *("address", "unreachable", "tls", "timeout", "notHttp", "redirect", "status"),
    *("secret", "internal"),
)


def upgrade() -> None:
    """Two tables, empty."""
    _add_webhooks()
    _add_attempts()


def _add_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        _moment("created_at"),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=60), nullable=False),
        sa.Column("former_secret", sa.LargeBinary(length=60), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        _moment("due_at"),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_for", _one_of(PAUSES, "ck_webhooks_paused_for"), nullable=True),
        sa.Column("ping_id", sa.Uuid(), nullable=True),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        *_checks(),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["accounts.entity_id"], name=op.f("fk_webhooks_entity_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_webhooks_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_entity_id"), "webhooks", ["entity_id"])
    op.create_index(
        "ix_webhooks_due",
        "webhooks",
        ["due_at", "id"],
        postgresql_where=sa.text("paused_at IS NULL OR ping_id IS NOT NULL"),
    )


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "kinds": "kinds <@ ARRAY['transferProposed', 'transferCompleted', 'transferCancelled', "
        "'matchFound'] AND cardinality(kinds) > 0",
        "position": "position >= 0",
        "paused": "(paused_at IS NULL) = (paused_for IS NULL)",
        "lease": "(leased_by IS NULL) = (lease_until IS NULL)",
        "former": "(former_secret IS NULL) = (former_until IS NULL)",
        "failing": "(failures > 0) = (failing_since IS NOT NULL)",
    }
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_webhooks_{name}")) for name, rule in rules.items()
    ]


def _add_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        _moment("attempted_at"),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("fault", _one_of(FAULTS, "ck_webhook_attempts_fault"), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_attempts_webhook_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index("ix_webhook_attempts_webhook", "webhook_attempts", ["webhook_id", "id"])


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=op.f(name), native_enum=False, create_constraint=True, length=31)
