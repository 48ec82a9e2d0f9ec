"""Users have notices, choose what they are told of, and have quiet hours."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change", "email_change_notice"),
    *("invitation", "member_joined", "member_removed", "password_changed", "new_device"),
    *("second_factor_on", "second_factor_off", "api_token_created", "role_changed"),
    *("entity_status", "transfer_by_admin", "transfer_cancelled_by_admin"),
    *("daily_matches", "books_check_failed"),
    *("transfer_proposed", "transfer_completed", "transfer_rejected", "transfer_cancelled"),
    "limits_changed",
)
KINDS = (
    *("transfer_proposed", "transfer_completed", "transfer_rejected", "transfer_cancelled"),
    *("transfer_by_admin", "transfer_cancelled_by_admin", "limits_changed", "match_found"),
    *("daily_matches", "contact", "entity_status", "member_joined", "member_removed"),
    *("role_changed", "api_token_created", "password_changed", "new_device"),
    *("second_factor_on", "second_factor_off"),
)

# As in migration 0002, but that those who wait to be told of an event are told of it, once.
EVENTS_CHANGE_REFUSED = """
CREATE TRIGGER events_change_refused BEFORE UPDATE ON events FOR EACH ROW
    WHEN (OLD.told OR NOT NEW.told
          OR (OLD.entity_id, OLD.seq, OLD.kind, OLD.transfer_id, OLD.match_id, OLD.recorded_at)
             IS DISTINCT FROM
             (NEW.entity_id, NEW.seq, NEW.kind, NEW.transfer_id, NEW.match_id, NEW.recorded_at))
    EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Nobody is told of what happened before. The key of each user writes their table anew."""
    _extend_events()
    _extend_users()
    _create_notices()
    _create_preferences()
    op.drop_constraint(op.f("ck_mails_kind"), "mails", type_="check")
    _check("mails", "kind", _kind().in_(MAIL_KINDS))


def _extend_events() -> None:
    """All there are count as told, without being written."""
    told: sa.Column[bool] = sa.Column(
        "told", sa.Boolean(), server_default=sa.text("true"), nullable=False
    )
    op.add_column("events", told)
    op.alter_column("events", "told", server_default=sa.text("false"))
    op.execute("DROP TRIGGER events_change_refused ON events")
    op.execute(EVENTS_CHANGE_REFUSED)
    op.create_index(
        "ix_events_untold",
        "events",
        ["recorded_at", "entity_id", "seq"],
        unique=False,
        postgresql_where=sa.text("NOT told"),
    )


def _extend_users() -> None:
    for column in (
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column(
            "unsubscribe_key",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
        ),
    ):
        op.add_column("users", column)
    _check("users", "quiet_hours", sa.text("(quiet_from IS NULL) = (quiet_to IS NULL)"))


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=31), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_kind().in_(KINDS), name=op.f("ck_notices_kind")),
        *(
            sa.ForeignKeyConstraint([column], [of], name=op.f(f"fk_notices_{column}"))
            for column, of in (
                ("user_id", "users.id"),
                ("entity_id", "entities.id"),
                ("transfer_id", "transfers.id"),
                ("other_id", "entities.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    for name, columns, where in (
        ("ix_notices_user", ["user_id", "id"], ""),
        ("ix_notices_unread", ["user_id", "id"], "read_at IS NULL"),
        ("uq_notices_number", ["user_id", "number"], ""),
        ("ix_notices_unnumbered", ["id"], "number IS NULL"),
    ):
        op.create_index(
            name,
            "notices",
            columns,
            unique=name.startswith("uq_"),
            postgresql_where=sa.text(where) if where else None,
        )
    op.create_table(
        "notice_heads",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_heads_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_heads")),
    )


def _create_preferences() -> None:
    channel: sa.ColumnClause[str] = sa.column("channel", sa.String)
    op.create_table(
        "notice_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=31), nullable=False),
        sa.Column("channel", sa.String(length=31), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(_kind().in_(KINDS), name=op.f("ck_notice_preferences_kind")),
        sa.CheckConstraint(
            channel.in_(("in_app", "mail")), name=op.f("ck_notice_preferences_channel")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_preferences_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", "channel", name=op.f("pk_notice_preferences")),
    )


def _kind() -> sa.ColumnClause[str]:
    return sa.column("kind", sa.String)


def _check(table: str, name: str, condition: sa.ColumnElement[bool] | sa.TextClause) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
