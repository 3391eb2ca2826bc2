"""OTLP JSON to records. Our own services send this encoding, so it is the fast path."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from lens.otlp import wire
from lens.otlp.build import add_log, add_span, finite, resource_of
from lens.otlp.errors import MalformedError
from lens.records import Batch, Resource, SpanDetails, SpanEvent, SpanLink

Request = TypeVar("Request")


def traces(body: bytes) -> Batch:
    """Decode an ExportTraceServiceRequest; raises MalformedError."""
    request = _decode(wire.decode_traces, body)
    batch = Batch()
    for group in request.resource_spans:
        resource = resource_of(_attributes(group.resource.attributes if group.resource else None))
        for scoped in group.scope_spans:
            scope = scoped.scope or wire.Scope()
            for span in scoped.spans:
                _add_span(batch, resource, scope, span)
    return batch


def logs(body: bytes) -> Batch:
    """Decode an ExportLogsServiceRequest; raises MalformedError."""
    request = _decode(wire.decode_logs, body)
    batch = Batch()
    for group in request.resource_logs:
        resource = resource_of(_attributes(group.resource.attributes if group.resource else None))
        for line in (line for scoped in group.scope_logs for line in scoped.log_records):
            add_log(
                batch,
                resource,
                time_ns=line.time_unix_nano,
                observed_ns=line.observed_time_unix_nano,
                severity=line.severity_number,
                level=line.severity_text or "",
                trace_id=_identifier(line.trace_id),
                span_id=_identifier(line.span_id),
                body=_plain(line.body) if line.body else "",
                attributes=_attributes(line.attributes),
            )
    return batch


def _decode(decoder: Callable[[bytes], Request], body: bytes) -> Request:
    try:
        return decoder(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"not an OTLP JSON request: {error}") from error


def _add_span(batch: Batch, resource: Resource, scope: wire.Scope, span: wire.Span) -> None:
    status = span.status
    add_span(
        batch,
        resource,
        trace_id=_identifier(span.trace_id),
        span_id=_identifier(span.span_id),
        parent_id=_identifier(span.parent_span_id),
        name=span.name,
        kind=span.kind,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        status=status.code if status else 0,
        details=SpanDetails(
            _attributes(span.attributes),
            [SpanEvent(e.time_unix_nano, e.name, _attributes(e.attributes)) for e in span.events or ()],
            [SpanLink(k.trace_id.lower(), k.span_id.lower(), _attributes(k.attributes)) for k in span.links or ()],
            status.message if status else "",
            scope.name,
            scope.version,
            span.trace_state or "",
        ),
    )


def _identifier(text: str | None) -> bytes:
    """Bytes of a hex id; what is not hex becomes a length that validation refuses."""
    try:
        return bytes.fromhex(text) if text else b""
    except ValueError:
        return b"?"


def _attributes(pairs: list[wire.KeyValue] | None) -> dict[str, Any]:
    if not pairs:
        return {}
    return {pair.key: _plain(value) for pair in pairs if (value := pair.value) is not None}


def _plain(value: wire.Value) -> Any:
    plain: Any = value.string_value
    if plain is None:
        plain = value.int_value
    if plain is None:
        plain = value.bool_value
    return _rarer(value) if plain is None else plain


def _rarer(value: wire.Value) -> Any:
    if value.double_value is not None:
        return finite(value.double_value)
    if value.array_value is not None:
        return [_plain(item) for item in value.array_value.values]
    if value.kvlist_value is not None:
        return _attributes(value.kvlist_value.values)
    return None if value.bytes_value is None else {"$bytes": _checked_base64(value.bytes_value)}


def _checked_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(f"bytesValue is not base64: {error}") from error
    return text
