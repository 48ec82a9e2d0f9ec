"""Mails tell of passwords, devices, second factors, API tokens and roles."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change"),
    *("email_change_notice", "invitation", "member_joined", "member_removed"),
    *("password_changed", "new_device", "second_factor_on", "second_factor_off"),
    *("api_token_created", "role_changed"),
)


def upgrade() -> None:
    """No row changes."""
    name, kind = op.f("ck_mails_kind"), sa.column("kind", sa.String(length=31))
    op.drop_constraint(name, "mails", type_="check")
    op.create_check_constraint(name, "mails", kind.in_(MAIL_KINDS))
