"""Reading log lines in order of time, narrowed by what is indexed; finer filters are the caller's."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

Direction = Literal["forward", "backward"]
_decode_attributes = msgspec.json.Decoder(dict[str, Any]).decode

_COLUMNS = """SELECT log.time_ns, service.name, log.severity, log.level, log.trace_id, log.span_id, log.body,
    log.attributes, log.resource FROM log JOIN service ON service.id = log.service"""


class StoredLine(msgspec.Struct):
    """A log line as read; ids in hex or empty, `attributes` with dots as they came."""

    time_ns: int
    service: str
    severity: int
    level: str
    trace_id: str
    span_id: str
    body: str
    attributes: dict[str, Any]
    resource: int


class LogScope(msgspec.Struct, frozen=True):
    """Where to look: from `start_ns` to before `end_ns`, and what narrows it. None of services means any.

    `identifiers` are alternatives of (column, value), one of which a line must have; it must contain all of `contains`.
    """

    start_ns: int
    end_ns: int
    direction: Direction = "backward"
    services: tuple[str, ...] | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    contains: tuple[str, ...] = ()


def read_lines(connection: sqlite3.Connection, scope: LogScope) -> Iterator[StoredLine]:
    """The lines of a scope."""
    conditions, values = _conditions(connection, scope)
    order = "ASC" if scope.direction == "forward" else "DESC"
    select = f"{_COLUMNS} WHERE {' AND '.join(conditions)} ORDER BY log.time_ns {order}, log.id {order}"
    for row in connection.execute(select, values):
        time_ns, service, severity, level, trace_id, span_id, body, attributes, resource = row
        trace, span = trace_id.hex() if trace_id else "", span_id.hex() if span_id else ""
        yield StoredLine(time_ns, service, severity, level, trace, span, body, _decode_attributes(attributes), resource)


def _conditions(connection: sqlite3.Connection, scope: LogScope) -> tuple[list[str], list[Any]]:
    """SQL and its values. A unary plus keeps SQLite from an index that another condition serves better."""
    time_column = "+log.time_ns" if scope.identifiers else "log.time_ns"
    conditions, values = [f"{time_column} >= ?", f"{time_column} < ?"], [scope.start_ns, scope.end_ns]
    parameters: list[Any] = list(values)
    if scope.services is not None:
        numbers = [row[0] for row in connection.execute("SELECT id, name FROM service") if row[1] in scope.services]
        one = len(numbers) == 1 and not scope.identifiers
        conditions.append("log.service = ?" if one else f"+log.service IN ({', '.join('?' * len(numbers))})")
        parameters += numbers
    if scope.identifiers:
        conditions.append("(" + " OR ".join(f"log.{column} = ?" for column, _ in scope.identifiers) + ")")
        parameters += [_stored(column, value) for column, value in scope.identifiers]
    for text in scope.contains:
        conditions.append("instr(log.body, ?) > 0")
        parameters.append(text)
    return conditions, parameters


def log_services(connection: sqlite3.Connection) -> list[str]:
    """Names of the services that have log lines."""
    select = (
        """SELECT name FROM service WHERE EXISTS (SELECT 1 FROM log WHERE log.service = service.id) ORDER BY name"""
    )
    return [row[0] for row in connection.execute(select)]


def resource_attributes(connection: sqlite3.Connection, resource: int) -> dict[str, Any]:
    """Attributes of the process that sent a line."""
    row = connection.execute("SELECT attributes FROM resource WHERE id = ?", (resource,)).fetchone()
    return _decode_attributes(row[0]) if row else {}


def _stored(column: str, value: str) -> str | bytes:
    """A value as its column keeps it; ids that are not hex match nothing."""
    if column == "correlation_id":
        return value
    try:
        return bytes.fromhex(value)
    except ValueError:
        return b""
