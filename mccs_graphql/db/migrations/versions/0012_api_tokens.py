"""API tokens, with which software agents act for an entity."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As in 0002, with the token among what never changes.
GUARD_TRANSFER = """
CREATE OR REPLACE FUNCTION guard_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'initiated' THEN
            RAISE EXCEPTION 'transfer % must begin as initiated', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'initiated' THEN
        RAISE EXCEPTION 'transfer % is decided: %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.payer_id, NEW.payee_id, NEW.initiator_id, NEW.payer_name, NEW.payee_name,
        NEW.amount, NEW.description, NEW.proposed_at, NEW.proposed_by, NEW.proposed_with)
       IS DISTINCT FROM
       (OLD.id, OLD.payer_id, OLD.payee_id, OLD.initiator_id, OLD.payer_name, OLD.payee_name,
        OLD.amount, OLD.description, OLD.proposed_at, OLD.proposed_by, OLD.proposed_with) THEN
        RAISE EXCEPTION 'what was proposed in transfer % never changes', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """One table, empty; and transfers say with which token they were made."""
    _add_tokens()
    for name in ("proposed_with", "decided_with"):
        op.add_column("transfers", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_transfers_{name}"), "transfers", "api_tokens", [name], ["id"]
        )
    op.execute(GUARD_TRANSFER)


def _add_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("daily_amount", sa.BigInteger(), nullable=True),
        sa.Column("spent_on", sa.Date(), nullable=True),
        sa.Column("spent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_address", sa.String(length=45), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scopes <@ ARRAY['READ', 'DIRECTORY', 'TRANSFERS'] AND cardinality(scopes) > 0",
            name=op.f("ck_api_tokens_scopes"),
        ),
        sa.CheckConstraint(
            "daily_amount BETWEEN 1 AND 999999999999999", name=op.f("ck_api_tokens_daily_amount")
        ),
        sa.CheckConstraint(
            "('TRANSFERS' = ANY (scopes)) = (daily_amount IS NOT NULL)",
            name=op.f("ck_api_tokens_amount_of_transfers"),
        ),
        sa.CheckConstraint(
            "spent BETWEEN 0 AND COALESCE(daily_amount, 0)", name=op.f("ck_api_tokens_spent")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_api_tokens_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_api_tokens_entity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    for name in ("entity_id", "created_by"):
        op.create_index(op.f(f"ix_api_tokens_{name}"), "api_tokens", [name], unique=False)
