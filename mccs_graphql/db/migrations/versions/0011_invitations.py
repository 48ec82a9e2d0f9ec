"""People are invited to entities, and mails go to who is no user yet."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROLES = ("OWNER", "TRADER", "EDITOR", "VIEWER")
MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change"),
    *("email_change_notice", "invitation", "member_joined", "member_removed"),
)
PURPOSES = (
    *("verify_email", "reset_password", "confirm_email_change", "cancel_email_change"),
    "accept_invitation",
)


def upgrade() -> None:
    """One table, empty; a token of a mail belongs to a user or to an invitation."""
    _add_invitations()
    _widen("mails", "kind", MAIL_KINDS)
    _widen("one_time_tokens", "purpose", PURPOSES)
    _let_invitations_have_tokens()


def _add_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=100), nullable=False),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=31),
            nullable=False,
        ),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        _moment("invited_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_invitations_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index(
        "uq_invitations_entity_id_email",
        "invitations",
        ["entity_id", sa.text("lower(email)")],
        unique=True,
    )


def _widen(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, type_="check")
    text = sa.column(column, sa.String(length=31))
    op.create_check_constraint(name, table, text.in_(values))


def _let_invitations_have_tokens() -> None:
    op.alter_column("one_time_tokens", "user_id", nullable=True)
    op.add_column("one_time_tokens", sa.Column("invitation_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_one_time_tokens_invitation_id"),
        *("one_time_tokens", "invitations", ["invitation_id"], ["id"]),
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_one_time_tokens_invitation_id"), "one_time_tokens", ["invitation_id"])
    op.create_check_constraint(
        op.f("ck_one_time_tokens_one_owner"),
        "one_time_tokens",
        "num_nonnulls(user_id, invitation_id) = 1",
    )


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
