"""Jobs are done by the clock: digests of matches, expiry of proposals, checks of the books."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

JOBS = ("expireProposals", "dailyDigest", "checkBooks", "forget")
SYSTEM_REASONS = ("payerCreditLimit", "payeeBalanceCeiling", "expired")
MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change", "email_change_notice"),
    *("invitation", "member_joined", "member_removed", "password_changed", "new_device"),
    *("second_factor_on", "second_factor_off", "api_token_created", "role_changed"),
    *("entity_status", "transfer_by_admin", "transfer_cancelled_by_admin"),
    *("daily_matches", "books_check_failed"),
)


def upgrade() -> None:
    """Each job is due at once: the first process that starts does what has waited."""
    _create_scheduled_jobs()
    _create_digest_positions()
    _check_anew("mails", "kind", MAIL_KINDS)
    _check_anew("transfers", "system_reason", SYSTEM_REASONS)
    op.create_index("ix_events_recorded", "events", ["recorded_at"], unique=False)
    op.create_index(
        "uq_mails_digest",
        "mails",
        ["user_id", sa.text("(facts ->> 'day')")],
        unique=True,
        postgresql_where=sa.text("kind = 'daily_matches'"),
    )


def _create_scheduled_jobs() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "scheduled_jobs",
        sa.Column("name", sa.String(length=31), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("done_until", moment, nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("outcome", sa.String(length=31), nullable=True),
        sa.Column("detail", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("lease_ends_at", moment, nullable=True),
        sa.CheckConstraint(
            sa.column("name", sa.String(length=31)).in_(JOBS), name=op.f("ck_scheduled_jobs_name")
        ),
        sa.CheckConstraint(
            "outcome IN ('done', 'alarm', 'failed')", name=op.f("ck_scheduled_jobs_outcome")
        ),
        sa.CheckConstraint(
            "(leased_by IS NULL) = (lease_ends_at IS NULL)", name=op.f("ck_scheduled_jobs_lease")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduled_jobs")),
    )
    due = sa.text(
        "INSERT INTO scheduled_jobs (name, due_at) SELECT unnest(CAST(:names AS text[])), now()"
    )
    op.execute(due.bindparams(names=list(JOBS)))


def _create_digest_positions() -> None:
    op.create_table(
        "digest_positions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_digest_positions_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_digest_positions_entity_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "entity_id", name=op.f("pk_digest_positions")),
    )
    op.create_index(
        op.f("ix_digest_positions_entity_id"), "digest_positions", ["entity_id"], unique=False
    )


def _check_anew(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, sa.column(column, sa.String(length=31)).in_(values))
