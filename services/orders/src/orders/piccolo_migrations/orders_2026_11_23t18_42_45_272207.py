from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

ID = "2026-11-23T18:42:45:272207"
VERSION = "1.38.0"
DESCRIPTION = "Say which replica drives a saga; indexes for the listings"


INDEXES = (
    "CREATE INDEX customer_order_listing ON customer_order (customer_id, created_at DESC, order_id DESC)",
    "CREATE INDEX saga_due ON saga (next_attempt_at) WHERE open",
)


class _Schema(Table):
    """Runs statements that belong to no table's class."""


async def make_indexes() -> None:
    for statement in INDEXES:
        await _Schema.raw(statement)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="orders", description=DESCRIPTION)

    manager.add_column(
        table_class_name="SagaRow",
        tablename="saga",
        column_name="lease_instance",
        db_column_name="lease_instance",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 64,
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

    manager.add_column(
        table_class_name="SagaStep",
        tablename="saga_step",
        column_name="instance",
        db_column_name="instance",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 64,
            "default": "",
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

    manager.add_raw(make_indexes)

    return manager
