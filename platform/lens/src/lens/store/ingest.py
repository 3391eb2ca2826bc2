"""Writing batches: records to rows, in one transaction. A span sent again replaces itself, a log line stays one."""

import hashlib
import sqlite3
from collections.abc import Iterable

from lens.records import Batch, LogRecord, Resource, SpanRecord

_SEEN_EVERY_NS = 3_600 * 10**9
_CACHED_NAMES = 50_000

_INSERT_SPAN = """
INSERT INTO span (trace, span_id, parent_id, resource, operation, start_ns, duration_ns, status, details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (trace, span_id) DO UPDATE SET parent_id = excluded.parent_id, resource = excluded.resource,
    operation = excluded.operation, start_ns = excluded.start_ns, duration_ns = excluded.duration_ns,
    status = excluded.status, details = excluded.details
"""
_INSERT_TRACE_SERVICE = """
INSERT INTO trace_service (trace, service, first_ns, last_ns) VALUES (?, ?, ?, ?)
ON CONFLICT (trace, service) DO UPDATE
SET first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)
"""
_WIDEN_TRACE = """
UPDATE trace SET start_ns = min(start_ns, ?2), end_ns = max(end_ns, ?3)
WHERE id = ?1 AND (start_ns > ?2 OR end_ns < ?3)
"""
_INSERT_LOG = """
INSERT OR IGNORE INTO log (arrived_ns, time_ns, digest, service, resource, severity, level, trace_id, span_id,
    correlation_id, body, attributes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Ingester:
    """Writes batches through one connection, remembering the numbers of names it has met."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._services: dict[str, int] = {}
        self._resources: dict[Resource, tuple[int, int]] = {}
        self._operations: dict[tuple[int, str, int], tuple[int, int]] = {}

    def write(self, batches: Iterable[Batch], now_ns: int) -> None:
        """Store the batches in one transaction; on an error nothing of them is stored and the error is raised."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                if batch.spans:
                    self._write_spans(batch.spans, now_ns)
                if batch.logs:
                    self._write_logs(batch.logs, now_ns)
            self._connection.execute("COMMIT")
        except BaseException:
            self.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def forget(self) -> None:
        """Drop remembered numbers, after their rows may have gone."""
        self._services.clear()
        self._resources.clear()
        self._operations.clear()

    def _write_spans(self, spans: list[SpanRecord], now_ns: int) -> None:
        traces: dict[bytes, int] = {}
        bounds: dict[int, tuple[int, int]] = {}
        times: dict[tuple[int, int], tuple[int, int]] = {}
        tags: set[tuple[str, str, int]] = set()
        rows = []
        for span in spans:
            trace = traces.get(span.trace_id)
            if trace is None:
                trace = traces[span.trace_id] = self._trace(span, now_ns)
            service = self._service(span.resource.service)
            key, start, end = (trace, service), span.start_ns, span.end_ns
            begin, finish = bounds.get(trace, (start, end))
            bounds[trace] = (min(begin, start), max(finish, end))
            first, last = times.get(key, (start, start))
            times[key] = (min(first, start), max(last, start))
            tags.update((name, value, trace) for name, value in span.tags)
            resource, operation = self._resource(span.resource, now_ns), self._operation(service, span, now_ns)
            ids = (trace, span.span_id, span.parent_id, resource, operation)
            rows.append((*ids, start, end - start, span.status, span.details))
        self._connection.executemany(_INSERT_SPAN, rows)
        self._connection.executemany(_WIDEN_TRACE, [(trace, *bound) for trace, bound in bounds.items()])
        self._connection.executemany(_INSERT_TRACE_SERVICE, [(*key, *span) for key, span in times.items()])
        self._connection.executemany("INSERT OR IGNORE INTO trace_tag (key, value, trace) VALUES (?, ?, ?)", tags)

    def _write_logs(self, logs: list[LogRecord], now_ns: int) -> None:
        self._connection.executemany(
            _INSERT_LOG,
            [
                (
                    now_ns,
                    line.time_ns,
                    _digest(line),
                    self._service(line.resource.service),
                    self._resource(line.resource, now_ns),
                    line.severity,
                    line.level,
                    line.trace_id,
                    line.span_id,
                    line.correlation_id,
                    line.body,
                    line.attributes,
                )
                for line in logs
            ],
        )

    def _trace(self, span: SpanRecord, now_ns: int) -> int:
        found = self._connection.execute("SELECT id FROM trace WHERE trace_id = ?", (span.trace_id,)).fetchone()
        if found:
            return int(found[0])
        insert = "INSERT INTO trace (trace_id, arrived_ns, start_ns, end_ns) VALUES (?, ?, ?, ?)"
        values = (span.trace_id, now_ns, span.start_ns, span.end_ns)
        return int(self._connection.execute(insert, values).lastrowid or 0)

    def _service(self, name: str) -> int:
        number = self._services.get(name)
        if number is None:
            insert = "INSERT INTO service (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id"
            number = self._services[name] = int(self._connection.execute(insert, (name,)).fetchone()[0])
        return number

    def _resource(self, resource: Resource, now_ns: int) -> int:
        number, seen = self._resources.get(resource, (0, 0))
        if now_ns - seen > _SEEN_EVERY_NS:
            upsert = """INSERT INTO resource (service, attributes, seen_ns) VALUES (?, ?, ?)
                ON CONFLICT (service, attributes) DO UPDATE SET seen_ns = excluded.seen_ns RETURNING id"""
            values = (self._service(resource.service), resource.attributes, now_ns)
            number = int(self._connection.execute(upsert, values).fetchone()[0])
            _remember(self._resources, resource, (number, now_ns))
        return number

    def _operation(self, service: int, span: SpanRecord, now_ns: int) -> int:
        key = (service, span.name, span.kind)
        number, seen = self._operations.get(key, (0, 0))
        if now_ns - seen > _SEEN_EVERY_NS:
            upsert = """INSERT INTO operation (service, name, kind, seen_ns) VALUES (?, ?, ?, ?)
                ON CONFLICT (service, name, kind) DO UPDATE SET seen_ns = excluded.seen_ns RETURNING id"""
            number = int(self._connection.execute(upsert, (*key, now_ns)).fetchone()[0])
            _remember(self._operations, key, (number, now_ns))
        return number


def _remember(cache: dict, key: object, value: object) -> None:  # type: ignore[type-arg]
    if len(cache) >= _CACHED_NAMES:
        cache.clear()
    cache[key] = value


def _digest(line: LogRecord) -> int:
    """What tells two lines of the same nanosecond apart; equal for a line that is sent again."""
    digest = hashlib.blake2b(line.body.encode(), digest_size=8)
    digest.update(line.resource.attributes)
    digest.update(line.attributes)
    digest.update(line.span_id or b"")
    return int.from_bytes(digest.digest(), signed=True)
