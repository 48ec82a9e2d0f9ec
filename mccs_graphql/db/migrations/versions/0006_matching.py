"""Tags have kin, new listings wait to be announced, logs tell of matches, log-ins are dated."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EVENT_KINDS = "'transferProposed', 'transferCompleted', 'transferCancelled', 'matchFound'"


def upgrade() -> None:
    """Two empty tables; events of another kind; when users logged in, as far as that is known."""
    _add_tag_kin()
    _add_new_listings()
    _change_events()
    _add_log_ins()


def _add_tag_kin() -> None:
    op.create_table(
        "tag_kin",
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("kin_id", sa.Uuid(), nullable=False),
        sa.Column("quality", sa.String(length=31), nullable=False),
        sa.CheckConstraint("tag_id <> kin_id", name=op.f("ck_tag_kin_two_tags")),
        sa.CheckConstraint(
            "quality IN ('exact', 'prefix', 'inside', 'similar')", name=op.f("ck_tag_kin_quality")
        ),
        _refers("tag_kin", "tag_id", to="tags", ondelete="CASCADE"),
        _refers("tag_kin", "kin_id", to="tags", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag_id", "kin_id", name=op.f("pk_tag_kin")),
    )
    op.create_index(op.f("ix_tag_kin_kin_id"), "tag_kin", ["kin_id"], unique=False)


def _add_new_listings() -> None:
    op.create_table(
        "new_listings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "offer",
                "want",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=False,
        ),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        sa.Column("position", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _moment("due_at"),
        _refers("new_listings", "entity_id", to="entities"),
        _refers("new_listings", "tag_id", to="tags", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_listings")),
    )
    for name, columns in (
        ("due", ["due_at", "id"]),
        ("entity", ["entity_id", "id"]),
        ("tag_id", ["tag_id"]),
    ):
        op.create_index(f"ix_new_listings_{name}", "new_listings", columns, unique=False)


def _change_events() -> None:
    op.add_column("events", sa.Column("match_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_events_match_id"), "events", "entities", ["match_id"], ["id"])
    op.alter_column("events", "transfer_id", nullable=True)
    op.drop_constraint(op.f("ck_events_kind"), "events", type_="check")
    for name, condition in (
        ("kind", f"kind IN ({EVENT_KINDS})"),
        ("one_subject", "num_nonnulls(transfer_id, match_id) = 1"),
        ("subject_of_kind", "(kind = 'matchFound') = (match_id IS NOT NULL)"),
    ):
        op.create_check_constraint(op.f(f"ck_events_{name}"), "events", condition)


def _add_log_ins() -> None:
    for name in ("logged_in_at", "previously_logged_in_at"):
        op.add_column("users", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE users SET logged_in_at = latest FROM ("
        "SELECT user_id, max(created_at) AS latest FROM user_sessions GROUP BY user_id"
        ") AS sessions WHERE user_id = users.id"
    )


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _refers(
    table: str, column: str, *, to: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )
