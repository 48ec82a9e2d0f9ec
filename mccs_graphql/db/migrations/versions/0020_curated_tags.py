"""Tags that admins have put there are suggested though nobody carries them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """So far members alone have made tags."""
    op.add_column(
        "tags", sa.Column("curated", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
