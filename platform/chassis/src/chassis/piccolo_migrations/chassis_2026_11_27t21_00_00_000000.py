from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt, BigSerial, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-27T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "What a stream lacks, and how often it was filled again; table dead_letter_replay"

_PLAIN = {
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


def _column(table, tablename, name, kind, *, default=None, null=False, primary_key=False):
    params = {**_PLAIN, "null": null, "primary_key": primary_key}
    return {
        "table_class_name": table,
        "tablename": tablename,
        "column_name": name,
        "db_column_name": name,
        "column_class_name": kind.__name__,
        "column_class": kind,
        "params": params if kind is BigSerial else {**params, "default": default},
        "schema": None,
    }


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="chassis", description=DESCRIPTION)
    stream = ("StreamIncarnation", "stream_incarnation")
    manager.add_column(**_column(*stream, "first_sequence", BigInt, default=1))
    manager.add_column(**_column(*stream, "deleted", BigInt, default=0))
    manager.add_column(**_column(*stream, "fillings", Integer, default=0))

    replay = ("DeadLetterReplay", "dead_letter_replay")
    manager.add_table(class_name=replay[0], tablename=replay[1], schema=None, columns=None)
    manager.add_column(**_column(*replay, "id", BigSerial, primary_key=True))
    manager.add_column(**_column(*replay, "letter", BigInt, default=0))
    for name in ("consumer", "event_id", "replayed_by", "correlation_id"):
        manager.add_column(**_column(*replay, name, Text, default=""))
    manager.add_column(**_column(*replay, "replayed_at", Timestamptz, default=TimestamptzNow()))
    manager.add_column(**_column(*replay, "outcome", Text, null=True))
    return manager
