"""One log record, already cleaned, on its way to standard output and to export."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes, members, quote, quote_name

SEVERITY: Final = {"TRACE": 1, "DEBUG": 5, "INFO": 9, "SUCCESS": 10, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}
"""OpenTelemetry severity numbers by level name."""


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
    """The record as one line of JSON; a field whose key is one of the fixed ones appears as `field.<key>`."""
    return (
        f'{{"time":"{format_time(record.time_unix_nano)}","level":"{record.level}","service":{quote_name(service)}'
        f',"message":{quote(record.message)},"trace_id":"{record.trace_id}","span_id":"{record.span_id}"'
        f',"correlation_id":"{record.correlation_id}","logger":{quote_name(record.logger)}'
        f"{record.static.line}{members(record.fields)}}}\n"
    ).encode()


def free_key(key: str) -> str:
    """The key under which a caller's field appears: another one where it would replace a fixed one."""
    return f"field.{key}" if key in _FIXED else key


_FIXED: Final = frozenset({"time", "level", "service", "message", "trace_id", "span_id", "correlation_id", "logger"})


def format_time(unix_nano: int) -> str:
    """RFC 3339 in UTC with microseconds."""
    seconds, rest = divmod(unix_nano, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06d}Z"


@lru_cache(8)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
