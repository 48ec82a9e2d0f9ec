"""Admins are users with a role, and belong to no entity."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SHARED = """
SELECT count(*) FROM admins WHERE lower(email) IN (SELECT lower(email) FROM users)
"""
MAKE_USERS = """
INSERT INTO users (id, email, password_hash, first_name, last_name, telephone, created_at)
SELECT id, email, password_hash, split_part(name, ' ', 1),
       substr(name, length(split_part(name, ' ', 1)) + 2), '', created_at
  FROM admins
"""
GIVE_ROLES = """
UPDATE admins SET role = CASE
    WHEN created_at = (SELECT min(created_at) FROM admins) THEN 'OWNER' ELSE 'ADMIN' END
"""

# Each side holds on to the user before it looks at the other table, so that of two who write at
# the same moment one waits for the other; members do not wait for members.
GUARD_ADMIN = """
CREATE FUNCTION guard_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = NEW.user_id FOR UPDATE;
    IF EXISTS (SELECT FROM memberships WHERE user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'user % belongs to an entity, and cannot be an admin', NEW.user_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
GUARD_MEMBERSHIP = """
CREATE FUNCTION guard_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE id = NEW.user_id FOR KEY SHARE;
    IF EXISTS (SELECT FROM admins WHERE user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'user % is an admin, and cannot belong to an entity', NEW.user_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
GUARDED = """
CREATE TRIGGER {table}_guarded BEFORE INSERT OR UPDATE OF user_id ON {table}
    FOR EACH ROW EXECUTE FUNCTION {guard}()
"""


def upgrade() -> None:
    """An admin from before becomes a user with the same password, the first of them the OWNER."""
    _require_own_addresses()
    op.execute(MAKE_USERS)
    op.alter_column("admins", "id", new_column_name="user_id")
    op.add_column("admins", sa.Column("role", sa.String(length=31), nullable=True))
    op.add_column("admins", sa.Column("created_by", sa.Uuid(), nullable=True))
    op.execute(GIVE_ROLES)
    op.alter_column("admins", "role", nullable=False)
    op.create_check_constraint(
        op.f("ck_admins_role"), "admins", "role IN ('OWNER', 'ADMIN', 'MODERATOR', 'AUDITOR')"
    )
    for column in ("user_id", "created_by"):
        op.create_foreign_key(op.f(f"fk_admins_{column}"), "admins", "users", [column], ["id"])
    op.drop_index("uq_admins_email", "admins")
    for column in ("email", "name", "password_hash"):
        op.drop_column("admins", column)
    for table, guard in (("admins", "guard_admin"), ("memberships", "guard_membership")):
        op.execute(GUARD_ADMIN if table == "admins" else GUARD_MEMBERSHIP)
        op.execute(GUARDED.format(table=table, guard=guard))


def _require_own_addresses() -> None:
    """A member's login does not get an admin's powers; which ones it is about stays in there."""
    shared = op.get_bind().scalar(sa.text(SHARED)) or 0
    if shared:
        raise RuntimeError(
            f"{shared} of the rows in admins have the address of a user. An admin's login is its "
            "own: change or remove these rows in the table admins, then migrate again."
        )
