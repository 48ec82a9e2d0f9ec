"""Postings are dated in the order of their account: a balance at a moment has one answer."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# The time of a transaction is that of its beginning, which says nothing of its turn at an account.
# Here both sides are locked, so it is their turn; and what asks about a moment waits for who holds
# this second lock (`db/queries/standings.py`). Both lines of a transfer have the same time, so that
# all balances sum to zero at any moment. A history that is loaded brings its own times.
DATE_POSTING = """
CREATE FUNCTION date_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.posted_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT max(posted_at) INTO NEW.posted_at FROM postings WHERE transfer_id = NEW.transfer_id;
    IF NEW.posted_at IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(side::text, 25))
           FROM transfers t CROSS JOIN LATERAL (VALUES (t.payer_id), (t.payee_id)) AS sides (side)
          WHERE t.id = NEW.transfer_id;
        SELECT greatest(clock_timestamp(), max(last.posted_at)) INTO NEW.posted_at
          FROM transfers t CROSS JOIN LATERAL (VALUES (t.payer_id), (t.payee_id)) AS sides (side)
         CROSS JOIN LATERAL (
                SELECT posted_at FROM postings WHERE entity_id = side
                 ORDER BY number DESC LIMIT 1) last
         WHERE t.id = NEW.transfer_id;
    END IF;
    RETURN NEW;
END $$
"""
DATED = """
CREATE TRIGGER postings_dated BEFORE INSERT ON postings
    FOR EACH ROW EXECUTE FUNCTION date_posting()
"""

# As in migration 0002, and the time, which is not before that of the line before.
CHECK_POSTING = """
CREATE OR REPLACE FUNCTION check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before bigint := 0;
    dated timestamptz := '-infinity';
BEGIN
    IF NEW.number > 1 THEN
        SELECT balance_after, posted_at INTO before, dated FROM postings
         WHERE entity_id = NEW.entity_id AND number = NEW.number - 1;
    END IF;
    IF before IS NULL OR NEW.balance_after <> before + NEW.amount THEN
        RAISE EXCEPTION 'posting % of account % does not follow the one before',
            NEW.number, NEW.entity_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.posted_at < dated THEN
        RAISE EXCEPTION 'posting % of account % is dated before the one before',
            NEW.number, NEW.entity_id USING ERRCODE = 'check_violation';
    END IF;
    PERFORM check_transfer_postings(NEW.transfer_id);
    RETURN NULL;
END $$
"""

# Until now two that were written at the same time could have their times the other way round, by
# as long as one waited for the other. The later of the two becomes the time of both, for both
# lines of a transfer, until there is no such pair.
MEND_TIMES = """
DO $$
BEGIN
    LOOP
        UPDATE postings SET posted_at = mended.posted_at
          FROM (SELECT transfer_id, max(latest) AS posted_at
                  FROM (SELECT transfer_id, max(posted_at) OVER line AS latest
                          FROM postings WINDOW line AS (PARTITION BY entity_id ORDER BY number)
                       ) lines
                 GROUP BY transfer_id) mended
         WHERE postings.transfer_id = mended.transfer_id
           AND postings.posted_at < mended.posted_at;
        EXIT WHEN NOT FOUND;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Mend the times there are, and keep them right from now on."""
    op.execute("ALTER TABLE postings DISABLE TRIGGER postings_change_refused")
    op.execute(MEND_TIMES)
    op.execute("ALTER TABLE postings ENABLE TRIGGER postings_change_refused")
    op.alter_column("postings", "posted_at", server_default=None)
    for statement in (DATE_POSTING, DATED, CHECK_POSTING):
        op.execute(statement)
    op.create_index("ix_postings_posted", "postings", ["entity_id", "posted_at", "number"])
