"""Searching the audit trail: what an actor or an action has done, by time; the rare ones apart."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = {"actor": "actor_id", "action": "action"}


def upgrade() -> None:
    """Index by the time of recording, which pages and periods go by."""
    for name, column in COLUMNS.items():
        op.drop_index(f"ix_audit_entries_{name}", "audit_entries")
        op.create_index(
            f"ix_audit_entries_{name}", "audit_entries", [column, "recorded_at", "id"], unique=False
        )
    op.create_index(
        "ix_audit_entries_refused",
        "audit_entries",
        ["recorded_at", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'REFUSED'"),
    )
    op.create_index(
        "ix_audit_entries_kind",
        "audit_entries",
        ["actor_kind", "recorded_at", "id"],
        unique=False,
        postgresql_where=sa.text("actor_kind <> 'USER'"),
    )
