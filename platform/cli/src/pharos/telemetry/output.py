"""The JSON shape of a log line."""

from datetime import UTC, datetime
from typing import Any

from pharos.telemetry.model import LogLine


def line_document(line: LogLine) -> dict[str, Any]:
    """The document of docs/cli.md: the named fields first, then the line's own."""
    named = {
        "time": rfc3339(line.time_unix_nano),
        "level": line.level,
        "service": line.service,
        "message": line.message,
        "trace_id": line.trace_id,
        "span_id": line.span_id,
        "correlation_id": line.correlation_id,
    }
    return named | {name: value for name, value in line.extra.items() if name not in named}


def rfc3339(time_ns: int) -> str:
    """A time in UTC with its nanoseconds."""
    seconds, nanoseconds = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
