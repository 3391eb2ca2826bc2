"""Forgetting: by age and by size, oldest first, in steps small enough to stand between two batches."""

import sqlite3

import msgspec

_TRACES_A_STEP = 100
_SPANS_A_STEP = 4_000
_LOGS_A_STEP = 2_000
_NAMES_GRACE_NS = 2 * 3_600 * 10**9  # names are marked as seen once an hour
_VACUUM_PAGES = 500
_TARGET = 0.95


class Limits(msgspec.Struct, frozen=True):
    """How long records are kept, in nanoseconds, and how many bytes the database may use."""

    age_ns: int
    max_bytes: int


class Pruned(msgspec.Struct):
    """What one step removed. `more` says that another step is due."""

    traces: int = 0
    spans: int = 0
    logs: int = 0
    more: bool = False


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of pages in use; the file may be larger by its free pages, which are used again."""
    return (_pragma(connection, "page_count") - _pragma(connection, "freelist_count")) * _pragma(
        connection, "page_size"
    )


def file_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the database file."""
    return _pragma(connection, "page_count") * _pragma(connection, "page_size")


def prune_step(connection: sqlite3.Connection, limits: Limits, now_ns: int) -> Pruned:
    """Remove one step's worth of what is too old or too much, in one transaction."""
    full = _is_full(connection, limits)
    connection.execute("BEGIN IMMEDIATE")
    try:
        pruned = _remove_oldest(connection, now_ns if full else now_ns - limits.age_ns)
        if not pruned.more:
            _remove_names(connection, now_ns - limits.age_ns - _NAMES_GRACE_NS)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if full:
        pruned.more = pruned.traces + pruned.logs > 0 and _is_full(connection, limits)
    if file_bytes(connection) > limits.max_bytes:
        connection.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
        pruned.more = pruned.more or _pragma(connection, "freelist_count") > 0
    return pruned


def _is_full(connection: sqlite3.Connection, limits: Limits) -> bool:
    return used_bytes(connection) > limits.max_bytes * _TARGET


def _remove_oldest(connection: sqlite3.Connection, before_ns: int) -> Pruned:
    """Remove the first traces, up to a step's size, and the lines that arrived no later than the last of them."""
    select = "SELECT id, arrived_ns FROM trace ORDER BY id LIMIT ?"
    pruned, horizon = Pruned(), before_ns
    for trace, arrived in connection.execute(select, (_TRACES_A_STEP,)).fetchall():
        if arrived >= before_ns:
            break
        pruned.spans += _remove_trace(connection, trace)
        pruned.traces += 1
        pruned.more = pruned.traces == _TRACES_A_STEP or pruned.spans >= _SPANS_A_STEP
        if pruned.more:
            horizon = arrived
            break
    delete = """DELETE FROM log WHERE id IN (
        SELECT id FROM (SELECT id, arrived_ns FROM log ORDER BY id LIMIT ?) WHERE arrived_ns <= ?)"""
    pruned.logs = connection.execute(delete, (_LOGS_A_STEP, horizon)).rowcount
    pruned.more = pruned.more or pruned.logs == _LOGS_A_STEP
    return pruned


def _remove_trace(connection: sqlite3.Connection, trace: int) -> int:
    """Remove a trace with all that refers to it; returns its number of spans."""
    for table in ("trace_service", "trace_tag"):
        connection.execute(f"DELETE FROM {table} WHERE trace = ?", (trace,))  # noqa: S608  # fixed names
    connection.execute("DELETE FROM trace WHERE id = ?", (trace,))
    return connection.execute("DELETE FROM span WHERE trace = ?", (trace,)).rowcount


def _remove_names(connection: sqlite3.Connection, before_ns: int) -> None:
    for table in ("resource", "operation"):
        connection.execute(f"DELETE FROM {table} WHERE seen_ns < ?", (before_ns,))  # noqa: S608  # fixed names


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
