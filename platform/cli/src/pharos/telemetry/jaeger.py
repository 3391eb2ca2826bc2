"""Reading traces by Jaeger's query API."""

from typing import Any

import msgspec

from pharos.telemetry.http import Backend, BackendError
from pharos.telemetry.model import Span, Trace

SEARCH_LIMIT = 100
_TRACE_ID_DIGITS = 32
_FIELDS_AS_TAGS = frozenset(
    {
        "span.kind", "otel.status_code", "error", "otel.scope.name", "otel.scope.version",
        "otel.library.name", "otel.library.version", "w3c.tracestate", "internal.span.format",
    }
)  # fmt: skip


class _Tag(msgspec.Struct):
    key: str
    value: Any = None


class _Reference(msgspec.Struct, rename={"kind": "refType", "trace_id": "traceID", "span_id": "spanID"}):
    kind: str
    trace_id: str
    span_id: str


class _Span(
    msgspec.Struct, rename={"span_id": "spanID", "name": "operationName", "start": "startTime", "process": "processID"}
):
    span_id: str
    name: str
    start: int
    duration: int
    process: str
    references: list[_Reference] | None = None
    tags: list[_Tag] | None = None


class _Process(msgspec.Struct, rename={"service": "serviceName"}):
    service: str


class _Trace(msgspec.Struct, rename={"trace_id": "traceID"}):
    trace_id: str
    spans: list[_Span] | None = None
    processes: dict[str, _Process] | None = None


class _Traces(msgspec.Struct):
    data: list[_Trace] | None = None


class _Names(msgspec.Struct):
    data: list[str] | None = None


class Jaeger:
    """Traces of one Jaeger, or of lens."""

    def __init__(self, url: str) -> None:
        self._backend = Backend(url)

    def services(self) -> list[str]:
        """Names of the services that have spans."""
        found = self._backend.get("/api/services", _Names)
        return (found.data or []) if found else []

    def trace(self, trace_id: str) -> Trace | None:
        """A trace by its id."""
        found = self._backend.get(f"/api/traces/{trace_id}", _Traces)
        traces = [_trace(trace) for trace in (found.data or [])] if found else []
        return next((trace for trace in traces if trace.spans), None)

    def search(self, service: str, tags: dict[str, str], start_ns: int, end_ns: int) -> list[Trace]:
        """Traces with a span of the service that has all the tags.

        What comes back is checked again: a storage of Jaeger may ignore the tags.
        """
        parameters: dict[str, str | int] = {
            "service": service,
            "tags": msgspec.json.encode(tags).decode(),
            "start": start_ns // 1_000,
            "end": end_ns // 1_000,
            "limit": SEARCH_LIMIT,
        }
        found = self._backend.get("/api/traces", _Traces, parameters)
        if found is None:
            raise BackendError(self._backend.url, "is no Jaeger: /api/traces is not there")
        traces = [_trace(trace) for trace in found.data or []]
        return [trace for trace in traces if all(value in trace.values(key) for key, value in tags.items())]


class NoTraces(Jaeger):
    """Stands where there is no Jaeger: it knows no trace, and asks nobody."""

    def __init__(self) -> None:
        super().__init__("")

    def services(self) -> list[str]:
        """None."""
        return []

    def trace(self, trace_id: str) -> Trace | None:
        """None."""
        del trace_id
        return None

    def search(self, service: str, tags: dict[str, str], start_ns: int, end_ns: int) -> list[Trace]:
        """None."""
        del service, tags, start_ns, end_ns
        return []


def _trace(trace: _Trace) -> Trace:
    processes = trace.processes or {}
    spans = [_span(trace.trace_id, span, processes) for span in trace.spans or []]
    return Trace.of(trace.trace_id.zfill(_TRACE_ID_DIGITS), spans)


def _span(trace_id: str, span: _Span, processes: dict[str, _Process]) -> Span:
    tags = {tag.key: tag.value for tag in span.tags or []}
    parents = (ref for ref in span.references or [] if ref.kind == "CHILD_OF" and ref.trace_id == trace_id)
    process = processes.get(span.process)
    return Span(
        span_id=span.span_id,
        parent_span_id=next((parent.span_id for parent in parents), None),
        service=process.service if process else "unknown",
        name=span.name,
        kind=str(tags.get("span.kind", "internal")),
        start_unix_nano=span.start * 1_000,
        duration_us=span.duration,
        status=_status(tags),
        attributes={key: value for key, value in tags.items() if key not in _FIELDS_AS_TAGS},
    )


def _status(tags: dict[str, Any]) -> str:
    if tags.get("otel.status_code") == "ERROR" or tags.get("error") in (True, "true"):
        return "error"
    return "ok" if tags.get("otel.status_code") == "OK" else "unset"
