"""Reading traces: one by id, or the newest that match a search."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from lens.records import INDEXED_SUFFIX, SpanDetails

_NO_LIMIT_NS = 2**63 - 1
_decode_details = msgspec.json.Decoder(SpanDetails).decode
_decode_attributes = msgspec.json.Decoder(dict[str, Any]).decode

_SPANS = """
SELECT span.span_id, span.parent_id, span.resource, operation.name, operation.kind, span.start_ns, span.duration_ns,
    span.status, span.details
FROM span JOIN operation ON operation.id = span.operation WHERE span.trace = ? ORDER BY span.start_ns, span.span_id
"""


class StoredSpan(msgspec.Struct):
    """A span as read: ids in hex, Unix nanoseconds, OTLP's `kind` and `status` numbers."""

    span_id: str
    parent_id: str | None
    resource: int
    name: str
    kind: int
    start_ns: int
    duration_ns: int
    status: int
    details: SpanDetails


class StoredResource(msgspec.Struct):
    """The process of a span."""

    service: str
    attributes: dict[str, Any]


class StoredTrace(msgspec.Struct):
    """All stored spans of a trace in order of their start, and their resources by number."""

    trace_id: str
    spans: list[StoredSpan]
    resources: dict[int, StoredResource]


class TraceSearch(msgspec.Struct, frozen=True):
    """One span must fulfil all of it. Times and durations in nanoseconds, both ends included."""

    service: str
    operation: str | None = None
    tags: dict[str, str] = {}
    start_ns: int = 0
    end_ns: int = _NO_LIMIT_NS
    min_duration_ns: int = 0
    max_duration_ns: int = _NO_LIMIT_NS
    limit: int = 100

    @property
    def only_service_and_time(self) -> bool:
        """Whether no span needs to be looked at."""
        unbounded = self.min_duration_ns == 0 and self.max_duration_ns == _NO_LIMIT_NS
        return not self.tags and self.operation is None and unbounded


def services(connection: sqlite3.Connection) -> list[str]:
    """Names of the services that sent spans."""
    select = "SELECT DISTINCT service.name FROM operation JOIN service ON service.id = operation.service ORDER BY 1"
    return [row[0] for row in connection.execute(select)]


def operations(connection: sqlite3.Connection, service: str) -> list[tuple[str, int]]:
    """Span names and kinds of a service."""
    select = """SELECT operation.name, kind FROM operation JOIN service ON service.id = operation.service
        WHERE service.name = ? ORDER BY 1, 2"""
    return connection.execute(select, (service,)).fetchall()


def get_trace(connection: sqlite3.Connection, trace_id: bytes) -> StoredTrace | None:
    """A trace with its spans, or None."""
    row = connection.execute("SELECT id FROM trace WHERE trace_id = ?", (trace_id,)).fetchone()
    return _read_trace(connection, row[0], trace_id) if row else None


def find_traces(connection: sqlite3.Connection, search: TraceSearch) -> list[StoredTrace]:
    """The traces that match, those that began last first."""
    found: list[StoredTrace] = []
    for trace, trace_id in _candidates(connection, search):
        if len(found) >= search.limit:
            break
        if search.only_service_and_time or _matches(connection, trace, search):
            found.append(_read_trace(connection, trace, trace_id))
    return found


def _candidates(connection: sqlite3.Connection, search: TraceSearch) -> Iterator[tuple[int, bytes]]:
    """Traces in which the service took part in that time, with every indexed tag, newest first."""
    indexed = [(key, value) for key, value in search.tags.items() if key.endswith(INDEXED_SUFFIX)]
    # CROSS JOIN fixes the order: the few traces of a tag before the many of a service.
    tags = "".join(
        f"trace_tag AS tag{n} CROSS JOIN "
        if n == 0
        else f"trace_tag AS tag{n} ON tag{n}.trace = tag0.trace CROSS JOIN "
        for n in range(len(indexed))
    )
    joined = "ON took.trace = tag0.trace" if indexed else ""
    conditions = "".join(f" AND tag{n}.key = ? AND tag{n}.value = ?" for n in range(len(indexed)))
    select = f"""SELECT trace.id, trace.trace_id FROM {tags} trace_service AS took {joined}
        JOIN trace ON trace.id = took.trace
        WHERE took.service = (SELECT id FROM service WHERE name = ?) AND took.first_ns <= ? AND took.last_ns >= ?
        {conditions} ORDER BY took.first_ns DESC"""  # noqa: S608  # built of fixed pieces
    values = [search.service, search.end_ns, search.start_ns, *(text for pair in indexed for text in pair)]
    yield from connection.execute(select, values)


def _matches(connection: sqlite3.Connection, trace: int, search: TraceSearch) -> bool:
    select = """SELECT span.details, resource.attributes, operation.kind, span.status FROM span
        JOIN operation ON operation.id = span.operation JOIN service ON service.id = operation.service
        JOIN resource ON resource.id = span.resource
        WHERE span.trace = ? AND service.name = ? AND operation.name = ifnull(?, operation.name)
        AND span.start_ns BETWEEN ? AND ? AND span.duration_ns BETWEEN ? AND ?"""
    values = (trace, search.service, search.operation, search.start_ns, search.end_ns, search.min_duration_ns)
    rows = connection.execute(select, (*values, search.max_duration_ns))
    return any(has_tags(search.tags, *row) for row in rows)


def has_tags(tags: dict[str, str], details: bytes, resource: bytes, kind: int, status: int) -> bool:
    """Whether the span, one of its events or its resource carries every tag."""
    if not tags:
        return True
    span = _decode_details(details)
    known = [span.attributes, _decode_attributes(resource), *(event.attributes for event in span.events)]
    known.append({"error": status == 2, "span.kind": KIND_NAMES[kind], "otel.status_code": STATUS_NAMES[status]})
    known += [{"event": event.name} for event in span.events]
    return all(any(key in of and as_text(of[key]) == value for of in known) for key, value in tags.items())


FIELD_TAGS = frozenset({"error", "span.kind", "otel.status_code", "event"})
"""Tags that are made of a span's own fields."""

KIND_NAMES = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUS_NAMES = ("UNSET", "OK", "ERROR")


def as_text(value: Any) -> str:
    """A value as Jaeger and Loki compare it: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _stored_span(row: Sequence[Any]) -> StoredSpan:
    span_id, parent_id, resource, name, kind, start, duration, status, details = row
    parent = parent_id.hex() if parent_id else None
    return StoredSpan(span_id.hex(), parent, resource, name, kind, start, duration, status, _decode_details(details))


def _read_trace(connection: sqlite3.Connection, trace: int, trace_id: bytes) -> StoredTrace:
    spans = [_stored_span(row) for row in connection.execute(_SPANS, (trace,))]
    select = """SELECT service.name, attributes FROM resource JOIN service ON service.id = resource.service
        WHERE resource.id = ?"""
    resources = {}
    for number in {span.resource for span in spans}:
        service, attributes = connection.execute(select, (number,)).fetchone()
        resources[number] = StoredResource(service, _decode_attributes(attributes))
    return StoredTrace(trace_id.hex(), spans, resources)
