"""What the database itself refuses, whoever writes to it: the last line of defence of the books."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

IMMUTABLE = """
CREATE TRIGGER {table}_{what}_refused BEFORE {operations} ON {table}
    FOR EACH {each} EXECUTE FUNCTION refuse_change()
"""

# Facts of a proposal stay as they were agreed, and a decision is final.
GUARD_TRANSFER = """
CREATE FUNCTION guard_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'initiated' THEN
            RAISE EXCEPTION 'transfer % must begin as initiated', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'initiated' THEN
        RAISE EXCEPTION 'transfer % is decided: %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.payer_id, NEW.payee_id, NEW.initiator_id, NEW.payer_name, NEW.payee_name,
        NEW.amount, NEW.description, NEW.proposed_at, NEW.proposed_by)
       IS DISTINCT FROM
       (OLD.id, OLD.payer_id, OLD.payee_id, OLD.initiator_id, OLD.payer_name, OLD.payee_name,
        OLD.amount, OLD.description, OLD.proposed_at, OLD.proposed_by) THEN
        RAISE EXCEPTION 'what was proposed in transfer % never changes', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

# At the commit: a transfer has postings if and only if it completed; they sum to zero and move its
# amount from the payer to the payee.
CHECK_TRANSFER = """
CREATE FUNCTION check_transfer_postings(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    transfer transfers%ROWTYPE;
BEGIN
    SELECT * INTO transfer FROM transfers WHERE id = checked;
    SELECT COALESCE(sum(amount), 0) AS total,
           COALESCE(sum(amount) FILTER (WHERE entity_id = transfer.payer_id), 0) AS payer,
           COALESCE(sum(amount) FILTER (WHERE entity_id = transfer.payee_id), 0) AS payee
      INTO moved FROM postings WHERE transfer_id = checked;
    IF moved.total <> 0 THEN
        RAISE EXCEPTION 'postings of transfer % sum to %, not to zero', checked, moved.total
            USING ERRCODE = 'check_violation';
    END IF;
    IF transfer.state <> 'completed'
       OR moved.payer <> -transfer.amount OR moved.payee <> transfer.amount THEN
        RAISE EXCEPTION 'postings of transfer % do not say what the transfer says', checked
            USING ERRCODE = 'check_violation';
    END IF;
END $$
"""

CHECK_COMPLETED = """
CREATE FUNCTION check_completed_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_transfer_postings(NEW.id);
    RETURN NULL;
END $$
"""

# At the commit: a posting continues its account's line, so that the line can be read as a chain.
CHECK_POSTING = """
CREATE FUNCTION check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before bigint := 0;
BEGIN
    IF NEW.number > 1 THEN
        SELECT balance_after INTO before FROM postings
         WHERE entity_id = NEW.entity_id AND number = NEW.number - 1;
    END IF;
    IF before IS NULL OR NEW.balance_after <> before + NEW.amount THEN
        RAISE EXCEPTION 'posting % of account % does not follow the one before',
            NEW.number, NEW.entity_id USING ERRCODE = 'check_violation';
    END IF;
    PERFORM check_transfer_postings(NEW.transfer_id);
    RETURN NULL;
END $$
"""

# At the commit: a balance is what its last posting says; nothing else moves it.
CHECK_ACCOUNT = """
CREATE FUNCTION check_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account accounts%ROWTYPE;
    last postings%ROWTYPE;
BEGIN
    SELECT * INTO account FROM accounts WHERE entity_id = NEW.entity_id;
    SELECT * INTO last FROM postings
     WHERE entity_id = NEW.entity_id ORDER BY number DESC LIMIT 1;
    IF account.balance <> COALESCE(last.balance_after, 0)
       OR account.posting_count <> COALESCE(last.number, 0) THEN
        RAISE EXCEPTION 'balance of account % is not what its postings say', NEW.entity_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""

TRIGGERS = (
    """
CREATE TRIGGER transfers_guarded BEFORE INSERT OR UPDATE ON transfers
    FOR EACH ROW EXECUTE FUNCTION guard_transfer()
""",
    """
CREATE CONSTRAINT TRIGGER transfers_posted AFTER UPDATE ON transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'completed') EXECUTE FUNCTION check_completed_transfer()
""",
    """
CREATE CONSTRAINT TRIGGER postings_checked AFTER INSERT ON postings
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_posting()
""",
    """
CREATE CONSTRAINT TRIGGER accounts_checked AFTER INSERT OR UPDATE OF balance, posting_count
    ON accounts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_account()
""",
)


def upgrade() -> None:
    """Create the guards."""
    for function in (
        REFUSE_CHANGE,
        GUARD_TRANSFER,
        CHECK_TRANSFER,
        CHECK_COMPLETED,
        CHECK_POSTING,
        CHECK_ACCOUNT,
        *TRIGGERS,
    ):
        op.execute(function)
    for table, operations in (
        ("postings", "UPDATE OR DELETE"),
        ("transfers", "DELETE"),
        ("accounts", "DELETE"),
        ("events", "UPDATE"),
    ):
        op.execute(IMMUTABLE.format(table=table, what="change", operations=operations, each="ROW"))
    for table in ("postings", "transfers", "accounts", "events"):
        op.execute(
            IMMUTABLE.format(table=table, what="truncate", operations="TRUNCATE", each="STATEMENT")
        )
