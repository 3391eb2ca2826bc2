from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.column_types import UUID
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table


ID = "2026-11-23T18:48:15:362229"
VERSION = "1.38.0"
DESCRIPTION = "Cancelled orders, and rules of the ledger held by the database"


# What the rules of payments promise, held by the database as well: one live payment per order, one open operation per
# payment, journals that sum to zero at commit, and a ledger that is only ever appended to.
RULES = (
    """
    CREATE UNIQUE INDEX one_live_payment_per_order ON payment (order_id)
        WHERE status IN ('pending', 'authorised', 'captured')
    """,
    """
    CREATE UNIQUE INDEX one_open_operation_per_payment ON operation (payment) WHERE status = 'pending'
    """,
    """
    CREATE INDEX operation_due ON operation (next_attempt_at) WHERE status = 'pending'
    """,
    """
    CREATE FUNCTION check_journal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) < 2 OR sum(amount_minor) <> 0 FROM ledger_entry WHERE journal = NEW.journal_id) THEN
            RAISE EXCEPTION 'journal % does not sum to zero', NEW.journal_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_sums_to_zero', TABLE = 'journal';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION check_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sum(amount_minor) <> 0 FROM ledger_entry WHERE journal = NEW.journal) THEN
            RAISE EXCEPTION 'journal % does not sum to zero', NEW.journal
                USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_sums_to_zero', TABLE = 'ledger_entry';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only', TABLE = TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER journal_sums_to_zero AFTER INSERT ON journal
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_journal()
    """,
    """
    CREATE CONSTRAINT TRIGGER journal_sums_to_zero AFTER INSERT ON ledger_entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_entry()
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
)

UNDO = (
    "DROP TRIGGER append_only ON ledger_entry",
    "DROP TRIGGER append_only ON journal",
    "DROP TRIGGER journal_sums_to_zero ON ledger_entry",
    "DROP TRIGGER journal_sums_to_zero ON journal",
    "DROP FUNCTION refuse_change()",
    "DROP FUNCTION check_ledger_entry()",
    "DROP FUNCTION check_journal()",
    "DROP INDEX operation_due",
    "DROP INDEX one_open_operation_per_payment",
    "DROP INDEX one_live_payment_per_order",
)


class RawTable(Table):
    """Runs plain SQL."""


async def add_rules():
    for statement in RULES:
        await RawTable.raw(statement)


async def drop_rules():
    for statement in UNDO:
        await RawTable.raw(statement)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="payments", description=DESCRIPTION)

    manager.add_table(
        class_name="OrderAccount",
        tablename="order_account",
        schema=None,
        columns=None,
    )

    manager.add_column(
        table_class_name="OrderAccount",
        tablename="order_account",
        column_name="order_id",
        db_column_name="order_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="OrderAccount",
        tablename="order_account",
        column_name="cancelled",
        db_column_name="cancelled",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="Payment",
        tablename="payment",
        column_name="cancelled",
        db_column_name="cancelled",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_raw(add_rules)
    manager.add_raw_backwards(drop_rules)

    return manager
