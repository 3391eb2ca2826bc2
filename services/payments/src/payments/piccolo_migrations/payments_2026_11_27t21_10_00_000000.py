from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

from payments.tables import Payment

ID = "2026-11-27T21:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Card tokens are erased once the provider has answered; what it refused to give back is tried again"

FORWARDS = (
    "UPDATE payment SET card_token = '' WHERE status <> 'pending'",
    "UPDATE sandbox_operation SET card_token = ''",
    "CREATE INDEX operation_authorise ON operation (payment) WHERE kind = 'authorise'",
    "CREATE INDEX operation_refused ON operation (payment) WHERE status = 'declined' AND kind IN ('void', 'refund')",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="payments", description=DESCRIPTION)
    manager.add_column(
        table_class_name="SandboxOperation",
        tablename="sandbox_operation",
        column_name="authorisation",
        db_column_name="authorisation",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 60,
            "default": None,
            "null": True,
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

    async def erase_and_index():
        for statement in FORWARDS:
            await Payment.raw(statement)

    manager.add_raw(erase_and_index)
    return manager
