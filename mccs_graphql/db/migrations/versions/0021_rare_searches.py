"""What admins look for and is rare is found without looking at all the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Users with a second factor, and words of what was cancelled."""
    op.create_index(
        "ix_users_second_factor",
        "users",
        ["id"],
        postgresql_where=sa.text("second_factor_at IS NOT NULL"),
    )
    op.create_index(
        "ix_transfers_cancelled_words",
        "transfers",
        [sa.text("to_tsvector('simple'::regconfig, description::text)")],
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'cancelled'"),
    )
