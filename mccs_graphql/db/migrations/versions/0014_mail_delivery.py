"""Mails have states, leases and errors; users have a language."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATES = ("queued", "sending", "sent", "failed", "dropped")
LANGUAGES = ("en", "de")


def upgrade() -> None:
    """Mails from before are still due, as nothing sent them."""
    _add_language()
    _add_delivery()
    _index_mails()


def _add_language() -> None:
    op.add_column("users", sa.Column("language", _one_of(*LANGUAGES, name="language")))
    _check("users", "language", sa.column("language", sa.String(length=31)).in_(LANGUAGES))


def _add_delivery() -> None:
    for column in (
        sa.Column(
            "state",
            _one_of(*STATES, name="state"),
            server_default=sa.text("'queued'"),
            nullable=False,
        ),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("error", sa.String(length=200), server_default=sa.text("''"), nullable=False),
    ):
        op.add_column("mails", column)
    op.execute("UPDATE mails SET state = 'sent' WHERE sent_at IS NOT NULL")
    _check("mails", "state", sa.column("state", sa.String(length=31)).in_(STATES))
    _check("mails", "lease", sa.text("(state = 'sending') = (leased_by IS NOT NULL)"))
    _check("mails", "sent", sa.text("(state = 'sent') = (sent_at IS NOT NULL)"))


def _index_mails() -> None:
    op.drop_index("ix_mails_due", "mails")
    for name, columns, where in (
        ("ix_mails_due", ["next_attempt_at", "id"], "state IN ('queued', 'sending')"),
        ("ix_mails_attempted", ["attempted_at"], "attempted_at IS NOT NULL"),
        ("ix_mails_ended", ["state", "id"], "state <> 'queued'"),
    ):
        op.create_index(name, "mails", columns, unique=False, postgresql_where=sa.text(where))


def _one_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=31)


def _check(table: str, name: str, condition: sa.ColumnElement[bool] | sa.TextClause) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
