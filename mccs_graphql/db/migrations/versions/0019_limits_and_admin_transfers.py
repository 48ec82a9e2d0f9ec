"""Limits change with a history, and admins make, cancel and reverse transfers."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change", "email_change_notice"),
    *("invitation", "member_joined", "member_removed", "password_changed", "new_device"),
    *("second_factor_on", "second_factor_off", "api_token_created", "role_changed"),
    *("entity_status", "transfer_by_admin", "transfer_cancelled_by_admin"),
)

# A balance lies in its limits. A forced change of them may leave it outside; from there it moves
# towards them, and never further away.
GUARD_BALANCE = """
CREATE FUNCTION guard_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance BETWEEN -NEW.max_negative_balance AND NEW.max_positive_balance THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.max_negative_balance, NEW.max_positive_balance)
           = (OLD.max_negative_balance, OLD.max_positive_balance) THEN
            IF (NEW.balance < 0 AND NEW.balance >= OLD.balance)
               OR (NEW.balance > 0 AND NEW.balance <= OLD.balance) THEN
                RETURN NEW;
            END IF;
        ELSIF NEW.balance = OLD.balance AND (
            SELECT forced AND (max_negative_after, max_positive_after)
                              = (NEW.max_negative_balance, NEW.max_positive_balance)
              FROM limit_changes WHERE entity_id = NEW.entity_id ORDER BY number DESC LIMIT 1
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'balance of account % would be out of its limits', NEW.entity_id
        USING ERRCODE = 'check_violation';
END $$
"""
LIMITED = """
CREATE TRIGGER accounts_limited
    BEFORE INSERT OR UPDATE OF balance, max_negative_balance, max_positive_balance ON accounts
    FOR EACH ROW EXECUTE FUNCTION guard_balance()
"""

# At the commit: the newest change of an account's limits is what its limits are.
CHECK_LIMIT_CHANGE = """
CREATE FUNCTION check_limit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account accounts%ROWTYPE;
    last limit_changes%ROWTYPE;
BEGIN
    SELECT * INTO account FROM accounts WHERE entity_id = NEW.entity_id;
    SELECT * INTO last FROM limit_changes
     WHERE entity_id = NEW.entity_id ORDER BY number DESC LIMIT 1;
    IF (account.max_negative_balance, account.max_positive_balance)
       <> (last.max_negative_after, last.max_positive_after) THEN
        RAISE EXCEPTION 'limits of account % are not what their last change says', NEW.entity_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
LIMIT_CHANGE_CHECKED = """
CREATE CONSTRAINT TRIGGER limit_changes_checked AFTER INSERT ON limit_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_limit_change()
"""

# As in migration 0002, and the new columns: what an admin made says so for good, and a reversal
# takes back all of a transfer that completed and is no reversal itself.
GUARD_TRANSFER = """
CREATE OR REPLACE FUNCTION guard_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'initiated' THEN
            RAISE EXCEPTION 'transfer % must begin as initiated', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM transfers
             WHERE id = NEW.reverses_id AND state = 'completed' AND reverses_id IS NULL
               AND (payer_id, payee_id, amount) = (NEW.payee_id, NEW.payer_id, NEW.amount)
        ) THEN
            RAISE EXCEPTION 'transfer % does not reverse transfer %', NEW.id, NEW.reverses_id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'initiated' THEN
        RAISE EXCEPTION 'transfer % is decided: %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.payer_id, NEW.payee_id, NEW.initiator_id, NEW.payer_name, NEW.payee_name,
        NEW.amount, NEW.description, NEW.proposed_at, NEW.proposed_by, NEW.proposed_with,
        NEW.admin_id, NEW.admin_reason, NEW.reverses_id)
       IS DISTINCT FROM
       (OLD.id, OLD.payer_id, OLD.payee_id, OLD.initiator_id, OLD.payer_name, OLD.payee_name,
        OLD.amount, OLD.description, OLD.proposed_at, OLD.proposed_by, OLD.proposed_with,
        OLD.admin_id, OLD.admin_reason, OLD.reverses_id) THEN
        RAISE EXCEPTION 'what was proposed in transfer % never changes', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# Nobody decides what an admin has made: it is complete at the commit of what made it.
POSTED_AT_ONCE = """
CREATE CONSTRAINT TRIGGER transfers_by_admin_posted AFTER INSERT ON transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.admin_id IS NOT NULL) EXECUTE FUNCTION check_completed_transfer()
"""


def upgrade() -> None:
    """No limits have changed so far, and no admin has made a transfer."""
    _create_limit_changes()
    _create_limit_defaults()
    op.drop_constraint(op.f("ck_accounts_limits"), "accounts", type_="check")
    for statement in (GUARD_BALANCE, LIMITED, CHECK_LIMIT_CHANGE, LIMIT_CHANGE_CHECKED):
        op.execute(statement)
    for what, operations, each in (
        ("change", "UPDATE OR DELETE", "ROW"),
        ("truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER limit_changes_{what}_refused BEFORE {operations} ON limit_changes "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
    _extend_transfers()
    op.execute(GUARD_TRANSFER)
    op.execute(POSTED_AT_ONCE)
    op.drop_constraint(op.f("ck_mails_kind"), "mails", type_="check")
    kinds: sa.ColumnClause[str] = sa.column("kind", sa.String)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", kinds.in_(MAIL_KINDS))


def _create_limit_changes() -> None:
    op.create_table(
        "limit_changes",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        *(
            sa.Column(f"max_{side}_{when}", sa.BigInteger(), nullable=False)
            for when in ("before", "after")
            for side in ("negative", "positive")
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("by_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_limit_changes_number")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_limit_changes_reason")),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["accounts.entity_id"], name=op.f("fk_limit_changes_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_limit_changes_changed_by")
        ),
        sa.PrimaryKeyConstraint("entity_id", "number", name=op.f("pk_limit_changes")),
    )


def _create_limit_defaults() -> None:
    op.create_table(
        "limit_defaults",
        sa.Column("status", sa.String(length=31), nullable=False),
        sa.Column("max_negative_balance", sa.BigInteger(), nullable=False),
        sa.Column("max_positive_balance", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'rejected', 'accepted', 'tradingPending', 'tradingAccepted', "
            "'tradingRejected')",
            name=op.f("ck_limit_defaults_status"),
        ),
        *(
            sa.CheckConstraint(f"{column} >= 0", name=op.f(f"ck_limit_defaults_{column}"))
            for column in ("max_negative_balance", "max_positive_balance")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_limit_defaults_changed_by")
        ),
        sa.PrimaryKeyConstraint("status", name=op.f("pk_limit_defaults")),
    )


def _extend_transfers() -> None:
    op.add_column("transfers", sa.Column("admin_id", sa.Uuid(), nullable=True))
    op.add_column("transfers", sa.Column("admin_reason", sa.String(length=500), nullable=True))
    op.add_column("transfers", sa.Column("reverses_id", sa.Uuid(), nullable=True))
    for column, to in (("admin_id", "users"), ("reverses_id", "transfers")):
        op.create_foreign_key(op.f(f"fk_transfers_{column}"), "transfers", to, [column], ["id"])
    for name, condition in (
        ("by_admin", "(admin_id IS NULL) = (admin_reason IS NULL)"),
        ("reversal", "reverses_id IS NULL OR admin_id IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_transfers_{name}"), "transfers", condition)
    _create_indexes()


def _create_indexes() -> None:
    for name, columns, where in (
        ("ix_transfers_proposed", ["proposed_at", "id"], ""),
        ("ix_transfers_decided", ["decided_at", "id"], "decided_at IS NOT NULL"),
        ("ix_transfers_amount", ["amount", "id"], ""),
        ("ix_transfers_open", ["id"], "state = 'initiated'"),
        ("ix_transfers_cancelled_by", ["cancelled_by"], "cancelled_by IS NOT NULL"),
        ("ix_transfers_admin", ["admin_id"], "admin_id IS NOT NULL"),
        ("uq_transfers_reverses_id", ["reverses_id"], "reverses_id IS NOT NULL"),
    ):
        op.create_index(
            name,
            "transfers",
            columns,
            unique=name.startswith("uq_"),
            postgresql_where=sa.text(where) if where else None,
        )
    op.create_index(
        "ix_transfers_words",
        "transfers",
        [sa.text("to_tsvector('simple'::regconfig, description)")],
        unique=False,
        postgresql_using="gin",
    )
