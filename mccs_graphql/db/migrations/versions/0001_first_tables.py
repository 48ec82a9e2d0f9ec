"""The first tables: who logs in, who is listed, what they offer, what moved and what happened."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "admins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
    )
    op.create_index("uq_admins_email", "admins", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_categories_name")),
    )
    op.create_table(
        "entities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "sort_name",
            sa.String(length=100),
            sa.Computed("lower(name)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "rejected",
                "accepted",
                "tradingPending",
                "tradingAccepted",
                "tradingRejected",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("telephone", sa.String(length=25), nullable=False),
        sa.Column("inc_type", sa.String(length=25), nullable=False),
        sa.Column("company_number", sa.String(length=20), nullable=False),
        sa.Column("website", sa.String(length=100), nullable=False),
        sa.Column("declared_turnover", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("city", sa.String(length=50), nullable=False),
        sa.Column("region", sa.String(length=50), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=50), nullable=False),
        sa.Column("show_tags_matched_since_last_login", sa.Boolean(), nullable=False),
        sa.Column("receive_daily_match_notification_email", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("declared_turnover >= 0", name=op.f("ck_entities_turnover")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entities")),
    )
    op.create_index(
        "ix_entities_listed",
        "entities",
        ["sort_name", "id"],
        unique=False,
        postgresql_where=sa.text(
            "status IN ('accepted', 'tradingPending', 'tradingAccepted', 'tradingRejected')"
        ),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("telephone", sa.String(length=25), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "accounts",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("account_number", sa.String(length=16), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("max_negative_balance", sa.BigInteger(), nullable=False),
        sa.Column("max_positive_balance", sa.BigInteger(), nullable=False),
        sa.Column("posting_count", sa.BigInteger(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "account_number ~ '^[0-9]{16}$'", name=op.f("ck_accounts_account_number")
        ),
        sa.CheckConstraint(
            "balance BETWEEN -max_negative_balance AND max_positive_balance",
            name=op.f("ck_accounts_limits"),
        ),
        sa.CheckConstraint(
            "max_negative_balance >= 0", name=op.f("ck_accounts_max_negative_balance")
        ),
        sa.CheckConstraint(
            "max_positive_balance >= 0", name=op.f("ck_accounts_max_positive_balance")
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_accounts_entity_id")),
        sa.PrimaryKeyConstraint("entity_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("account_number", name=op.f("uq_accounts_account_number")),
    )
    op.create_table(
        "entity_categories",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_entity_categories_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_entity_categories_entity_id")
        ),
        sa.PrimaryKeyConstraint("entity_id", "category_id", name=op.f("pk_entity_categories")),
    )
    op.create_index(
        op.f("ix_entity_categories_category_id"), "entity_categories", ["category_id"], unique=False
    )
    op.create_table(
        "entity_tags",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "offer", "want", name="kind", native_enum=False, create_constraint=True, length=31
            ),
            nullable=False,
        ),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_entity_tags_entity_id")
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_entity_tags_tag_id")),
        sa.PrimaryKeyConstraint("entity_id", "kind", "tag_id", name=op.f("pk_entity_tags")),
    )
    op.create_index(op.f("ix_entity_tags_tag_id"), "entity_tags", ["tag_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_memberships_entity_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("user_id", "entity_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_entity_id"), "memberships", ["entity_id"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("initiator_id", sa.Uuid(), nullable=False),
        sa.Column("payer_name", sa.String(length=100), nullable=False),
        sa.Column("payee_name", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "initiated",
                "completed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=False,
        ),
        sa.Column(
            "proposed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column(
            "cancelled_by",
            sa.Enum(
                "initiator",
                "receiver",
                "system",
                "admin",
                name="cancelled_by",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=True,
        ),
        sa.Column("cancellation_reason", sa.String(length=500), nullable=True),
        sa.Column(
            "system_reason",
            sa.Enum(
                "payerCreditLimit",
                "payeeBalanceCeiling",
                name="system_reason",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(cancelled_by IS NOT DISTINCT FROM 'system') = (system_reason IS NOT NULL)",
            name=op.f("ck_transfers_reason_of_system"),
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_by IS NOT NULL)",
            name=op.f("ck_transfers_canceller"),
        ),
        sa.CheckConstraint(
            "(state = 'initiated') = (decided_at IS NULL)", name=op.f("ck_transfers_decided_at")
        ),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 999999999999999", name=op.f("ck_transfers_amount")
        ),
        sa.CheckConstraint(
            "initiator_id IN (payer_id, payee_id)", name=op.f("ck_transfers_initiator")
        ),
        sa.CheckConstraint("payer_id <> payee_id", name=op.f("ck_transfers_two_entities")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_transfers_decided_by")),
        sa.ForeignKeyConstraint(
            ["payee_id"], ["accounts.entity_id"], name=op.f("fk_transfers_payee_id")
        ),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["accounts.entity_id"], name=op.f("fk_transfers_payer_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_transfers_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(
        "ix_transfers_payee", "transfers", ["payee_id", "proposed_at", "id"], unique=False
    )
    op.create_index(
        "ix_transfers_payer", "transfers", ["payer_id", "proposed_at", "id"], unique=False
    )
    op.create_table(
        "events",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "transferProposed",
                "transferCompleted",
                "transferCancelled",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=False,
        ),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["accounts.entity_id"], name=op.f("fk_events_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_events_transfer_id")
        ),
        sa.PrimaryKeyConstraint("entity_id", "seq", name=op.f("pk_events")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_idempotency_keys_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["transfers.id"],
            name=op.f("fk_idempotency_keys_transfer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "postings",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column(
            "posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_postings_amount")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_postings_number")),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["accounts.entity_id"], name=op.f("fk_postings_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_postings_transfer_id")
        ),
        sa.PrimaryKeyConstraint("entity_id", "number", name=op.f("pk_postings")),
    )
    op.create_index(op.f("ix_postings_transfer_id"), "postings", ["transfer_id"], unique=False)
