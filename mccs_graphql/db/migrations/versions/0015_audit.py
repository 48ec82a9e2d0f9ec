"""The audit trail: entries that the database lets nobody change or remove."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Two changes are none: sealing an entry once, and erasing details for an entry that says so.
GUARD = """
CREATE FUNCTION guard_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.recorded_at, NEW.action, NEW.outcome, NEW.refusal, NEW.actor_kind, NEW.actor_id,
        NEW.token_id, NEW.subjects, NEW.fields, NEW.reference, NEW.details_hash)
       IS DISTINCT FROM
       (OLD.id, OLD.recorded_at, OLD.action, OLD.outcome, OLD.refusal, OLD.actor_kind, OLD.actor_id,
        OLD.token_id, OLD.subjects, OLD.fields, OLD.reference, OLD.details_hash)
       OR (OLD.seal IS NOT NULL
           AND (NEW.seal, NEW.sealed_seq) IS DISTINCT FROM (OLD.seal, OLD.sealed_seq))
       OR ((NEW.details, NEW.salt, NEW.erased_by)
           IS DISTINCT FROM (OLD.details, OLD.salt, OLD.erased_by)
           AND NOT (NEW.details IS NULL AND NEW.salt IS NULL AND NEW.erased_by IS NOT NULL
                    AND OLD.erased_by IS NULL)) THEN
        RAISE EXCEPTION 'audit entry % never changes', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""
GUARDS = (
    """CREATE TRIGGER audit_entries_guard BEFORE UPDATE ON audit_entries
           FOR EACH ROW EXECUTE FUNCTION guard_audit_entry()""",
    """CREATE TRIGGER audit_entries_removal_refused BEFORE DELETE ON audit_entries
           FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER audit_entries_truncate_refused BEFORE TRUNCATE ON audit_entries
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER audit_head_removal_refused BEFORE DELETE OR TRUNCATE ON audit_head
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


def upgrade() -> None:
    """An empty trail, whose first seal follows 32 zero bytes."""
    _create_entries()
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_seq", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute("INSERT INTO audit_head VALUES (1, 0, decode(repeat('00', 32), 'hex'))")
    op.execute(GUARD)
    for guard in GUARDS:
        op.execute(guard)


def _create_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=31), nullable=False),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("actor_kind", sa.String(length=31), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("subjects", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("details_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("sealed_seq", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint("outcome IN ('DONE', 'REFUSED')", name=op.f("ck_audit_entries_outcome")),
        sa.CheckConstraint(
            "actor_kind IN ('VISITOR', 'USER', 'ADMIN', 'TOKEN', 'SYSTEM')",
            name=op.f("ck_audit_entries_actor_kind"),
        ),
        sa.CheckConstraint(
            "(sealed_seq IS NULL) = (seal IS NULL)", name=op.f("ck_audit_entries_sealed")
        ),
        sa.CheckConstraint(
            "(details IS NULL) = (erased_by IS NOT NULL)", name=op.f("ck_audit_entries_erased")
        ),
        sa.ForeignKeyConstraint(
            ["erased_by"], ["audit_entries.id"], name=op.f("fk_audit_entries_erased_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("sealed_seq", name=op.f("uq_audit_entries_sealed_seq")),
    )
    for name, columns in (
        ("actor", ["actor_id", "id"]),
        ("action", ["action", "id"]),
        ("recorded", ["recorded_at", "id"]),
    ):
        op.create_index(f"ix_audit_entries_{name}", "audit_entries", columns, unique=False)
    for column in ("subjects", "fields"):
        op.create_index(
            f"ix_audit_entries_{column}", "audit_entries", [column], postgresql_using="gin"
        )
    op.create_index(
        "ix_audit_entries_unsealed",
        "audit_entries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sealed_seq IS NULL"),
    )
