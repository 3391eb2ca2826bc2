"""Finding traces across all services, newest first, and what a list shows of each."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from lens.records import INDEXED_SUFFIX
from lens.store.traces import FIELD_TAGS, has_tags

_LONGEST_NS = 2**63 - 1
_TRACE_ID_DIGITS = 32

_KEYS = """WITH RECURSIVE keys (key) AS (
    SELECT min(key) FROM trace_tag
    UNION ALL SELECT (SELECT min(key) FROM trace_tag WHERE trace_tag.key > keys.key) FROM keys WHERE key IS NOT NULL
) SELECT key FROM keys WHERE key IS NOT NULL"""
_ROOT = """SELECT service.name, operation.name FROM span JOIN operation ON operation.id = span.operation
    JOIN service ON service.id = operation.service
    WHERE span.trace = ? ORDER BY span.parent_id IS NOT NULL, span.start_ns LIMIT 1"""
_PER_SERVICE = """SELECT service.name, count(*), sum(span.status = 2) FROM span
    JOIN operation ON operation.id = span.operation JOIN service ON service.id = operation.service
    WHERE span.trace = ? GROUP BY service.id ORDER BY min(span.start_ns), service.name"""
_ANY_TAGGED = "SELECT 1 FROM trace_tag WHERE key = ? AND value = ? LIMIT 1"
_TAG = "SELECT value FROM trace_tag WHERE trace = ? AND key = ? LIMIT 1"


class SummarySearch(msgspec.Struct, frozen=True):
    """What a trace must fulfil, all of it. Times in nanoseconds, both ends included; `text` is an ID or part of a name.

    `service`, `operation` and `tags` must be met by one span.
    """

    service: str = ""
    operation: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    text: str = ""
    failed: bool = False
    start_ns: int = 0
    end_ns: int = _LONGEST_NS
    min_duration_ns: int = 0
    max_duration_ns: int = _LONGEST_NS
    limit: int = 50


class SpanCount(msgspec.Struct, frozen=True):
    """How many spans a service has in a trace."""

    name: str
    spans: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A trace in a line; `service` and `name` are its root's, or its first span's while the root is missing."""

    trace_id: str
    correlation_id: str
    service: str
    name: str
    start_unix_ms: float
    duration_ms: float
    spans: int
    errors: int
    services: list[SpanCount]


class _Condition(msgspec.Struct, frozen=True):
    """A piece of SQL on `trace`, and its values."""

    sql: str
    values: tuple[Any, ...] = ()


def find_summaries(connection: sqlite3.Connection, search: SummarySearch, correlation_key: str) -> list[Summary]:
    """The traces that match, those that began last first; `correlation_key` names the attribute of that ID."""
    conditions = _conditions(connection, search)
    if conditions is None:
        return []
    found: list[Summary] = []
    for trace, trace_id, start_ns, end_ns in _traces(connection, conditions):
        if len(found) >= search.limit:
            break
        if _confirmed(connection, trace, search):
            found.append(_summary(connection, (trace, trace_id, start_ns, end_ns), correlation_key))
    return found


def _traces(connection: sqlite3.Connection, conditions: list[_Condition]) -> Iterator[tuple[int, bytes, int, int]]:
    select = f"""SELECT id, trace_id, start_ns, end_ns FROM trace
        WHERE {" AND ".join(one.sql for one in conditions)} ORDER BY start_ns DESC, id DESC"""  # noqa: S608 - fixed pieces
    yield from connection.execute(select, [value for one in conditions for value in one.values])


def _conditions(connection: sqlite3.Connection, search: SummarySearch) -> list[_Condition] | None:
    """What SQL can tell of a trace; None when no trace can fulfil it."""
    found = [_Condition("start_ns BETWEEN ? AND ?", (search.start_ns, search.end_ns))]
    if search.min_duration_ns > 0 or search.max_duration_ns < _LONGEST_NS:
        bounds = (search.min_duration_ns, search.max_duration_ns)
        found.append(_Condition("end_ns - start_ns BETWEEN ? AND ?", bounds))
    if search.failed:
        found.append(_Condition("EXISTS (SELECT 1 FROM span WHERE span.trace = trace.id AND status = 2)"))
    if search.text:
        text = _text(connection, search.text)
        if text is None:
            return None
        found.append(text)
    found += [_tagged(connection, key, value) for key, value in search.tags if key not in FIELD_TAGS]
    if search.service or search.operation:
        return _performed(connection, search, found)
    return found


def _performed(
    connection: sqlite3.Connection, search: SummarySearch, found: list[_Condition]
) -> list[_Condition] | None:
    """With the condition that the service, or one of the operations of that name, took part."""
    if not search.operation:
        took_part = """EXISTS (SELECT 1 FROM trace_service AS took WHERE took.trace = trace.id
            AND took.service = (SELECT id FROM service WHERE name = ?))"""
        return [*found, _Condition(took_part, (search.service,))]
    select = """SELECT operation.id FROM operation JOIN service ON service.id = operation.service
        WHERE operation.name = ? AND service.name = ifnull(?, service.name)"""
    numbers = [row[0] for row in connection.execute(select, (search.operation, search.service or None))]
    return [*found, _with_operation(numbers)] if numbers else None


def _text(connection: sqlite3.Connection, text: str) -> _Condition | None:
    """Traces with this ID of whatever kind; else those with a span whose name has the text in it."""
    if len(text) == _TRACE_ID_DIGITS and (trace := _by_trace_id(connection, text)):
        return _Condition("id = ?", (trace,))
    keys = [row[0] for row in connection.execute(_KEYS)]
    marks = ", ".join("?" * len(keys))
    select = f"SELECT DISTINCT trace FROM trace_tag WHERE key IN ({marks}) AND value = ? LIMIT 1"  # noqa: S608
    if connection.execute(select, (*keys, text)).fetchone():
        return _Condition(
            f"id IN (SELECT trace FROM trace_tag WHERE key IN ({marks}) AND value = ?)",  # noqa: S608
            (*keys, text),
        )
    names = connection.execute("SELECT id, name FROM operation")
    numbers = [number for number, name in names if text.lower() in name.lower()]
    return _with_operation(numbers) if numbers else None


def _by_trace_id(connection: sqlite3.Connection, text: str) -> int | None:
    try:
        wanted = bytes.fromhex(text)
    except ValueError:
        return None
    row = connection.execute("SELECT id FROM trace WHERE trace_id = ?", (wanted,)).fetchone()
    return int(row[0]) if row else None


def _with_operation(numbers: list[int]) -> _Condition:
    marks = ", ".join("?" * len(numbers))
    return _Condition(
        f"EXISTS (SELECT 1 FROM span WHERE span.trace = trace.id AND span.operation IN ({marks}))",  # noqa: S608
        tuple(numbers),
    )


def _tagged(connection: sqlite3.Connection, key: str, value: str) -> _Condition:
    """Traces that carry the tag by the index; else, since a number or a process's own ID has none, those whose spans
    or processes have the value in what is stored of them.
    """
    if key.endswith(INDEXED_SUFFIX) and connection.execute(_ANY_TAGGED, (key, value)).fetchone():
        return _Condition("id IN (SELECT trace FROM trace_tag WHERE key = ? AND value = ?)", (key, value))
    forms = {value.encode(), msgspec.json.encode(value)[1:-1]}
    resources = [
        str(number)
        for number, attributes in connection.execute("SELECT id, attributes FROM resource")
        if any(form in attributes for form in forms)
    ]
    inside = " OR ".join(["instr(span.details, ?) > 0"] * len(forms))
    return _Condition(
        f"""EXISTS (SELECT 1 FROM span WHERE span.trace = trace.id
            AND ({inside} OR span.resource IN ({", ".join(resources)})))""",  # noqa: S608 - fixed pieces, numbers
        tuple(forms),
    )


def _confirmed(connection: sqlite3.Connection, trace: int, search: SummarySearch) -> bool:
    """Whether one span of the trace has all the tags, and is of the service and operation if those are given."""
    if not search.tags:
        return True
    conditions = ["span.trace = ?"]
    values: list[Any] = [trace]
    for column, wanted in (("service.name", search.service), ("operation.name", search.operation)):
        if wanted:
            conditions.append(f"{column} = ?")
            values.append(wanted)
    select = f"""SELECT span.details, resource.attributes, operation.kind, span.status FROM span
        JOIN operation ON operation.id = span.operation JOIN service ON service.id = operation.service
        JOIN resource ON resource.id = span.resource WHERE {" AND ".join(conditions)}"""  # noqa: S608 - fixed pieces
    tags = dict(search.tags)
    return any(has_tags(tags, *row) for row in connection.execute(select, values))


def _summary(connection: sqlite3.Connection, row: tuple[int, bytes, int, int], correlation_key: str) -> Summary:
    trace, trace_id, start_ns, end_ns = row
    service, name = connection.execute(_ROOT, (trace,)).fetchone() or ("", "")
    per_service = connection.execute(_PER_SERVICE, (trace,)).fetchall()
    tag = connection.execute(_TAG, (trace, correlation_key)).fetchone()
    return Summary(
        trace_id=trace_id.hex(),
        correlation_id=tag[0] if tag else "",
        service=service,
        name=name,
        start_unix_ms=start_ns / 1e6,
        duration_ms=(end_ns - start_ns) / 1e6,
        spans=sum(count for _, count, _ in per_service),
        errors=sum(errors for _, _, errors in per_service),
        services=[SpanCount(of, count) for of, count, _ in per_service],
    )
