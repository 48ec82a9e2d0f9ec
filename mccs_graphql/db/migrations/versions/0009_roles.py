"""Members of an entity have roles."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is a member could do everything, and goes on as an owner."""
    op.add_column(
        "memberships",
        sa.Column("role", sa.String(length=31), server_default="OWNER", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_memberships_role"),
        "memberships",
        "role IN ('OWNER', 'TRADER', 'EDITOR', 'VIEWER')",
    )
