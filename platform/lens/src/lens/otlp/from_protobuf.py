"""OTLP protobuf to records."""

import base64
from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from lens.otlp.build import add_log, add_span, finite, resource_of
from lens.otlp.errors import MalformedError
from lens.records import Batch, Resource, SpanDetails, SpanEvent, SpanLink


def traces(body: bytes) -> Batch:
    """Decode an ExportTraceServiceRequest; raises MalformedError."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise MalformedError(f"not an OTLP protobuf traces request: {error}") from error
    batch = Batch()
    for group in request.resource_spans:
        resource = resource_of(_attributes(group.resource.attributes))
        for scoped in group.scope_spans:
            for span in scoped.spans:
                _add_span(batch, resource, scoped.scope, span)
    return batch


def logs(body: bytes) -> Batch:
    """Decode an ExportLogsServiceRequest; raises MalformedError."""
    try:
        request = ExportLogsServiceRequest.FromString(body)
    except DecodeError as error:
        raise MalformedError(f"not an OTLP protobuf logs request: {error}") from error
    batch = Batch()
    for group in request.resource_logs:
        resource = resource_of(_attributes(group.resource.attributes))
        for line in (line for scoped in group.scope_logs for line in scoped.log_records):
            add_log(
                batch,
                resource,
                time_ns=line.time_unix_nano,
                observed_ns=line.observed_time_unix_nano,
                severity=line.severity_number,
                level=line.severity_text,
                trace_id=line.trace_id,
                span_id=line.span_id,
                body=_plain(line.body) if line.HasField("body") else "",
                attributes=_attributes(line.attributes),
            )
    return batch


def _add_span(batch: Batch, resource: Resource, scope: Any, span: Any) -> None:
    add_span(
        batch,
        resource,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=span.parent_span_id,
        name=span.name,
        kind=span.kind,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        status=span.status.code,
        details=SpanDetails(
            _attributes(span.attributes),
            [SpanEvent(e.time_unix_nano, e.name, _attributes(e.attributes)) for e in span.events],
            [SpanLink(k.trace_id.hex(), k.span_id.hex(), _attributes(k.attributes)) for k in span.links],
            span.status.message,
            scope.name,
            scope.version,
            span.trace_state,
        ),
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs}


def _plain(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return {"$bytes": base64.b64encode(value.bytes_value).decode()}
        case "double_value":
            return finite(value.double_value)
        case field:
            return getattr(value, field)
