"""Admins look through all entities and users, and delete them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MAIL_KINDS = (
    *("contact", "email_verification", "password_reset", "email_change", "email_change_notice"),
    *("invitation", "member_joined", "member_removed", "password_changed", "new_device"),
    *("second_factor_on", "second_factor_off", "api_token_created", "role_changed"),
    "entity_status",
)
# What a word begins with, so that half a name is enough to find somebody. Ten letters tell apart
# whom more would; what is longer is compared as a whole.
BEGINNINGS_OF = """
CREATE FUNCTION beginnings_of(value text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT DISTINCT left(word, place)
      FROM unnest(words_of(value)) AS word, generate_series(1, least(length(word), 10)) AS place
)
"""
HEADS_OF = """
CREATE FUNCTION heads_of(value text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT DISTINCT left(word, 10) FROM unnest(words_of(value)) AS word)
"""
# As in migration 0013, and nobody belongs to what is deleted, or goes on after being deleted: who
# deletes waits for those who join, and the other way round.
GUARD_MEMBERSHIP = """
CREATE OR REPLACE FUNCTION guard_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM entities WHERE id = NEW.entity_id FOR SHARE;
    PERFORM 1 FROM users WHERE id = NEW.user_id FOR SHARE;
    IF EXISTS (SELECT FROM admins WHERE user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'user % is an admin, and cannot belong to an entity', NEW.user_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM users WHERE id = NEW.user_id AND deleted_at IS NOT NULL)
       OR EXISTS (SELECT FROM entities WHERE id = NEW.entity_id AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'user % or entity % is deleted', NEW.user_id, NEW.entity_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Nothing is deleted yet. The new columns are computed, which writes both tables anew."""
    op.execute(BEGINNINGS_OF)
    op.execute(HEADS_OF)
    _add_to_entities()
    _add_to_users()
    for column in ("balance", "max_negative_balance", "max_positive_balance"):
        op.create_index(
            op.f(f"ix_accounts_{column}"), "accounts", [column, "entity_id"], unique=False
        )
    op.execute(GUARD_MEMBERSHIP)
    op.drop_constraint(op.f("ck_mails_kind"), "mails", type_="check")
    kinds = sa.column("kind", sa.String(length=31))
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", kinds.in_(MAIL_KINDS))


def _add_to_entities() -> None:
    for column in (
        _moment("deleted_at"),
        _computed("email_key", _sort_name(), "lower(email)"),
        _computed("turnover_key", sa.BigInteger(), "COALESCE(declared_turnover, -1)"),
    ):
        op.add_column("entities", column)
    op.create_check_constraint(
        op.f("ck_entities_deleted"), "entities", "deleted_at IS NULL OR status = 'rejected'"
    )
    for name, sorted_by in (
        ("name", "sort_name"),
        ("created", "created_at"),
        ("status", "status"),
        ("turnover", "turnover_key"),
        ("email", "email_key"),
    ):
        op.create_index(f"ix_entities_{name}", "entities", [sorted_by, "id"], unique=False)
    op.create_index(
        "ix_entities_deleted",
        "entities",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    _gin_index("ix_entities_unlisted_terms", "entities", "terms", where="NOT listed")


def _add_to_users() -> None:
    for column in (
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        _moment("deleted_at"),
        _computed("sort_name", _sort_name(), "sort_key(last_name || ' ' || first_name)"),
        _computed("email_key", _sort_name(), "lower(email)"),
        _computed("seen_at", sa.DateTime(timezone=True), "COALESCE(logged_in_at, created_at)"),
        _computed(
            "beginnings",
            postgresql.ARRAY(sa.Text()),
            "beginnings_of(last_name || ' ' || first_name)",
        ),
    ):
        op.add_column("users", column)
    for name, sorted_by in (
        ("name", "sort_name"),
        ("email", "email_key"),
        ("created", "created_at"),
        ("seen", "seen_at"),
    ):
        op.create_index(f"ix_users_{name}", "users", [sorted_by, "id"], unique=False)
    _gin_index("ix_users_beginnings", "users", "beginnings")


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _computed(name: str, type_: sa.types.TypeEngine[Any], sql: str) -> sa.Column[Any]:
    return sa.Column(name, type_, sa.Computed(sql, persisted=True), nullable=False)


def _sort_name() -> sa.String:
    return sa.String(length=500, collation="C")


def _gin_index(name: str, table: str, column: str, *, where: str | None = None) -> None:
    op.create_index(
        name,
        table,
        [column],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text(where) if where else None,
    )
