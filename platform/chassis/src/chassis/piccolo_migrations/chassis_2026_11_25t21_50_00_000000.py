from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, Text, Timestamptz
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-25T21:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Table stream_incarnation; outbox.refused for events that the broker will never take"

_PLAIN = {
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


def _column(table, tablename, name, kind, *, default, null=False, primary_key=False):
    return {
        "table_class_name": table,
        "tablename": tablename,
        "column_name": name,
        "db_column_name": name,
        "column_class_name": kind.__name__,
        "column_class": kind,
        "params": {**_PLAIN, "default": default, "null": null, "primary_key": primary_key},
        "schema": None,
    }


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="chassis", description=DESCRIPTION)
    manager.add_table(class_name="StreamIncarnation", tablename="stream_incarnation", schema=None, columns=None)
    own = ("StreamIncarnation", "stream_incarnation")
    manager.add_column(**_column(*own, "stream", Text, default="", primary_key=True))
    manager.add_column(**_column(*own, "created", Timestamptz, default=None))
    manager.add_column(**_column(*own, "last_sequence", BigInt, default=0))
    manager.add_column(**_column("Outbox", "outbox", "refused", Text, default=None, null=True))
    return manager
