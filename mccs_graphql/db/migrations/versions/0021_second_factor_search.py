"""Users with a second factor are found without looking at all others."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """They may be few among many."""
    op.create_index(
        "ix_users_second_factor",
        "users",
        ["id"],
        postgresql_where=sa.text("second_factor_at IS NOT NULL"),
    )
