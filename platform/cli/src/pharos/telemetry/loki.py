"""Reading log lines by Loki's query API."""

import json
from collections.abc import Iterable

import msgspec

from pharos.telemetry.http import Backend, BackendError
from pharos.telemetry.model import LogLine

PAGE = 5_000
"""Lines a request may return: Loki's own limit, by default."""
_SHOWN_APART = frozenset(
    {
        "service_name", "level", "detected_level", "severity_text", "severity_number", "trace_id", "span_id",
        "correlation_id", "observed_timestamp", "flags", "scope_name", "scope_version",
    }
)  # fmt: skip


class _Stream(msgspec.Struct):
    stream: dict[str, str]
    values: list[tuple[str, str]]


class _Data(msgspec.Struct):
    result: list[_Stream] | None = None


class _Answer(msgspec.Struct):
    data: _Data


class Loki:
    """Log lines of one Loki, or of lens."""

    def __init__(self, url: str) -> None:
        self._backend = Backend(url)

    def lines(self, conditions: Iterable[tuple[str, str]], start_ns: int, end_ns: int) -> list[LogLine]:
        """The lines of any service that fulfil one of the conditions (label, value), in order of time."""
        query = '{service_name=~".+"} | ' + " or ".join(f"{label}={json.dumps(value)}" for label, value in conditions)
        found: dict[tuple[int, str, tuple[tuple[str, str], ...]], LogLine] = {}
        while True:
            page = self._page(query, start_ns, end_ns)
            size = len(found)
            for stream in page:
                labels = tuple(sorted(stream.stream.items()))
                for time, line in stream.values:
                    found.setdefault((int(time), line, labels), _line(int(time), line, stream.stream))
            if sum(len(stream.values) for stream in page) < PAGE or len(found) == size:
                return [found[key] for key in sorted(found, key=lambda key: key[0])]
            start_ns = max(int(time) for stream in page for time, _ in stream.values)

    def _page(self, query: str, start_ns: int, end_ns: int) -> list[_Stream]:
        parameters: dict[str, str | int] = {
            "query": query,
            "start": start_ns,
            "end": end_ns,
            "limit": PAGE,
            "direction": "forward",
        }
        answer = self._backend.get("/loki/api/v1/query_range", _Answer, parameters)
        if answer is None:
            raise BackendError(self._backend.url, "is no Loki: /loki/api/v1/query_range is not there")
        return answer.data.result or []


def _line(time_ns: int, message: str, labels: dict[str, str]) -> LogLine:
    level = labels.get("severity_text") or labels.get("detected_level") or labels.get("level") or "unknown"
    return LogLine(
        time_unix_nano=time_ns,
        level=level.upper(),
        service=labels.get("service_name", "unknown"),
        message=message,
        trace_id=labels.get("trace_id", ""),
        span_id=labels.get("span_id", ""),
        correlation_id=labels.get("correlation_id", ""),
        extra={name: labels[name] for name in sorted(labels) if name not in _SHOWN_APART},
    )
