"""Sessions refresh, keys sign their tokens, and mails carry tokens that work once."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change"),
    "email_change_notice",
)
PURPOSES = ("verify_email", "reset_password", "confirm_email_change", "cancel_email_change")


def upgrade() -> None:
    """Sessions from before have no refresh token and cannot get one: they end here."""
    _change_users()
    _change_sessions()
    _widen_mail_kinds()
    _add_signing_keys()
    _add_one_time_tokens()


def _change_users() -> None:
    op.add_column(
        "users", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("users", sa.Column("pending_email", sa.String(length=100), nullable=True))
    for name in ("log_in_address", "previous_log_in_address"):
        op.add_column("users", sa.Column(name, sa.String(length=45), nullable=True))


def _change_sessions() -> None:
    op.execute("DELETE FROM user_sessions")
    op.drop_column("user_sessions", "token_hash")
    for column in (
        sa.Column("family_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_refresh_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("refresh_nonce", sa.LargeBinary(length=32), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        _moment("refreshed_at"),
    ):
        op.add_column("user_sessions", column)
    op.create_unique_constraint(
        op.f("uq_user_sessions_family_hash"), "user_sessions", ["family_hash"]
    )


def _widen_mail_kinds() -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails", type_="check")
    kinds = sa.column("kind", sa.String(length=31))
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", kinds.in_(MAIL_KINDS))


def _add_signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=31), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("private_key", sa.LargeBinary(length=60), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        _moment("created_at"),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )


def _add_one_time_tokens() -> None:
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                *PURPOSES, name="purpose", native_enum=False, create_constraint=True, length=31
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        _moment("created_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_tokens_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_tokens_user_id"), "one_time_tokens", ["user_id"], unique=False
    )


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
