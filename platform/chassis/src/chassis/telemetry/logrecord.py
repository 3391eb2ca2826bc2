"""One log record, already cleaned, on its way to standard output and to export."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes

SEVERITY: Final = {"TRACE": 1, "DEBUG": 5, "INFO": 9, "SUCCESS": 10, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}
"""OpenTelemetry severity numbers by level name."""

_encode: Final = msgspec.json.Encoder().encode


class LogRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a log line says; `fields` are the caller's own, `static` those encoded in advance."""

    time_unix_nano: int
    level: str
    severity: int
    message: str
    logger: str
    trace_id: str
    span_id: str
    correlation_id: str
    fields: Mapping[str, Any]
    static: StaticAttributes = NO_ATTRIBUTES


def encode_line(service: str, record: LogRecord) -> bytes:
    """The record as one line of JSON. A field of the caller's never replaces one of the fixed ones."""
    line: dict[str, Any] = {
        "time": format_time(record.time_unix_nano),
        "level": record.level,
        "service": service,
        "message": record.message,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "correlation_id": record.correlation_id,
        "logger": record.logger,
    }
    for key, value in record.static.items():
        line[key] = value
    for key, value in record.fields.items():
        line[key if key not in _FIXED else f"field.{key}"] = value
    return _encode(line) + b"\n"


_FIXED: Final = frozenset(
    {"time", "level", "service", "message", "trace_id", "span_id", "correlation_id", "logger"}
)


def format_time(unix_nano: int) -> str:
    """RFC 3339 in UTC with microseconds."""
    seconds, rest = divmod(unix_nano, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(8)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
