"""The JSON shapes of OTLP requests, and their decoders.

Identifiers are hex and 64-bit integers may be text or number, as the specification's JSON mapping says. Fields not
listed are ignored.
"""

from typing import Annotated

import msgspec

UnixNano = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Value(msgspec.Struct, rename="camel"):
    """AnyValue: at most one of the fields is set."""

    string_value: str | None = None
    int_value: Int64 | None = None
    bool_value: bool | None = None
    double_value: float | None = None
    array_value: "Values | None" = None
    kvlist_value: "KeyValues | None" = None
    bytes_value: str | None = None


class Values(msgspec.Struct):
    """ArrayValue."""

    values: list[Value] = []


class KeyValue(msgspec.Struct):
    """A named value."""

    key: str = ""
    value: Value | None = None


class KeyValues(msgspec.Struct):
    """KeyValueList."""

    values: list[KeyValue] = []


class WireResource(msgspec.Struct):
    """Resource."""

    attributes: list[KeyValue] | None = None


class Scope(msgspec.Struct):
    """InstrumentationScope."""

    name: str = ""
    version: str = ""


class Event(msgspec.Struct, rename="camel"):
    """Span.Event."""

    time_unix_nano: UnixNano = 0
    name: str = ""
    attributes: list[KeyValue] | None = None


class Link(msgspec.Struct, rename="camel"):
    """Span.Link."""

    trace_id: str = ""
    span_id: str = ""
    attributes: list[KeyValue] | None = None


class Status(msgspec.Struct):
    """Status; code 2 is an error."""

    message: str = ""
    code: Int64 = 0


class Span(msgspec.Struct, rename="camel"):
    """Span."""

    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str | None = None
    trace_state: str | None = None
    name: str = ""
    kind: Int64 = 0
    start_time_unix_nano: UnixNano = 0
    end_time_unix_nano: UnixNano = 0
    attributes: list[KeyValue] | None = None
    events: list[Event] | None = None
    links: list[Link] | None = None
    status: Status | None = None


class ScopeSpans(msgspec.Struct):
    """ScopeSpans."""

    scope: Scope | None = None
    spans: list[Span] = []


class ResourceSpans(msgspec.Struct, rename="camel"):
    """ResourceSpans."""

    resource: WireResource | None = None
    scope_spans: list[ScopeSpans] = []


class TracesRequest(msgspec.Struct, rename="camel"):
    """ExportTraceServiceRequest."""

    resource_spans: list[ResourceSpans] = []


class Line(msgspec.Struct, rename="camel"):
    """LogRecord."""

    time_unix_nano: UnixNano = 0
    observed_time_unix_nano: UnixNano = 0
    severity_number: Int64 = 0
    severity_text: str | None = None
    body: Value | None = None
    attributes: list[KeyValue] | None = None
    trace_id: str | None = None
    span_id: str | None = None


class ScopeLogs(msgspec.Struct, rename="camel"):
    """ScopeLogs."""

    log_records: list[Line] = []


class ResourceLogs(msgspec.Struct, rename="camel"):
    """ResourceLogs."""

    resource: WireResource | None = None
    scope_logs: list[ScopeLogs] = []


class LogsRequest(msgspec.Struct, rename="camel"):
    """ExportLogsServiceRequest."""

    resource_logs: list[ResourceLogs] = []


decode_traces = msgspec.json.Decoder(TracesRequest, strict=False).decode
decode_logs = msgspec.json.Decoder(LogsRequest, strict=False).decode
