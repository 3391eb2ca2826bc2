"""The database's tables, and how an older file is brought up to them.

Rows refer to a trace by its number in arrival order, so that inserts append, a trace's spans lie together, and the
oldest traces are the lowest numbers. Attributes ending in `.id` are indexed once per trace, not once per span. A
trace's own times are those of its first and last span, so that a list of traces needs no span.
"""

import sqlite3
from pathlib import Path

PAGE_BYTES = 8192
BUSY_SECONDS = 10.0

_VERSION_1 = """
CREATE TABLE service (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE resource (
    id INTEGER PRIMARY KEY, service INTEGER NOT NULL, attributes BLOB NOT NULL, seen_ns INTEGER NOT NULL,
    UNIQUE (service, attributes)
);
CREATE TABLE operation (
    id INTEGER PRIMARY KEY, service INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL, UNIQUE (service, name, kind)
);
CREATE TABLE trace (id INTEGER PRIMARY KEY, trace_id BLOB NOT NULL UNIQUE, arrived_ns INTEGER NOT NULL);
CREATE TABLE trace_service (
    trace INTEGER NOT NULL, service INTEGER NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,
    PRIMARY KEY (trace, service)
) WITHOUT ROWID;
CREATE INDEX trace_service_by_time ON trace_service (service, first_ns);
CREATE TABLE trace_tag (
    key TEXT NOT NULL, value TEXT NOT NULL, trace INTEGER NOT NULL, PRIMARY KEY (key, value, trace)
) WITHOUT ROWID;
CREATE INDEX trace_tag_by_trace ON trace_tag (trace);
CREATE TABLE span (
    trace INTEGER NOT NULL, span_id BLOB NOT NULL, parent_id BLOB, resource INTEGER NOT NULL,
    operation INTEGER NOT NULL, start_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, status INTEGER NOT NULL,
    details BLOB NOT NULL
);
CREATE UNIQUE INDEX span_by_trace ON span (trace, span_id);
CREATE TABLE log (
    id INTEGER PRIMARY KEY, arrived_ns INTEGER NOT NULL, time_ns INTEGER NOT NULL, digest INTEGER NOT NULL,
    service INTEGER NOT NULL, resource INTEGER NOT NULL, severity INTEGER NOT NULL, level TEXT NOT NULL,
    trace_id BLOB, span_id BLOB, correlation_id TEXT, body TEXT NOT NULL, attributes BLOB NOT NULL
);
CREATE UNIQUE INDEX log_by_time ON log (time_ns, digest);
CREATE INDEX log_by_service ON log (service, time_ns);
CREATE INDEX log_by_trace ON log (trace_id, time_ns) WHERE trace_id IS NOT NULL;
CREATE INDEX log_by_correlation ON log (correlation_id, time_ns) WHERE correlation_id IS NOT NULL;
"""

_VERSION_2 = """
ALTER TABLE trace ADD COLUMN start_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trace ADD COLUMN end_ns INTEGER NOT NULL DEFAULT 0;
UPDATE trace SET start_ns = of.first, end_ns = of.last FROM (
    SELECT trace, min(start_ns) AS first, max(start_ns + duration_ns) AS last FROM span GROUP BY trace
) AS of WHERE of.trace = trace.id;
CREATE INDEX trace_by_start ON trace (start_ns);
CREATE INDEX span_failed ON span (trace) WHERE status = 2;
"""

MIGRATIONS = (_VERSION_1, _VERSION_2)
"""Script N brings a file of version N to version N + 1. Never edit one that was released: append."""


class SchemaError(Exception):
    """The database file cannot be used by this version."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes, its schema brought up to date; raises SchemaError for a file that is not ours.

    Every commit is synced to disk, because a commit is what a sender's acknowledgement means.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _prepared(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise SchemaError(f"{path} is no database ({error}): move it away, lens makes a new one") from error


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32768")
    connection.execute("PRAGMA wal_autocheckpoint = 2000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    migrate(connection)
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the missing migrations, each in its own transaction."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise SchemaError(
            f"the telemetry database has version {version}, this lens knows up to {len(MIGRATIONS)}: "
            "run the newer lens, or delete the lens data folder"
        )
    for number in range(version, len(MIGRATIONS)):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{MIGRATIONS[number]}\nPRAGMA user_version = {number + 1};\nCOMMIT;"
        )
