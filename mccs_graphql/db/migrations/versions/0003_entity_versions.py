"""Entities count their versions, so that nobody overwrites what they have not seen."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every entity there is begins with version 1."""
    op.add_column(
        "entities",
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
    )
