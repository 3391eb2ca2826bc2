"""Spans and log records as OTLP JSON, and batches of them as request bodies."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from chassis.telemetry.encoding import (
    StaticAttributes,
    encode_attributes,
    encode_trusted,
    quote,
    quote_name,
)
from chassis.telemetry.logrecord import LogRecord
from chassis.telemetry.queue import Item
from chassis.telemetry.redaction import redact_text
from chassis.telemetry.span import Event, Link, Span

_FLAGS_LOCAL: Final = 0x100 | 1
_FLAGS_REMOTE: Final = 0x300 | 1


def encode_span(span: Span) -> str:
    """One OTLP `Span`."""
    parent = span.parent
    head = f'{{"traceId":"{span.trace_id}","spanId":"{span.span_id}"'
    if parent is not None:
        head += f',"parentSpanId":"{parent.span_id}"'
    attributes = f'{{"key":"correlation.id","value":{{"stringValue":"{span.correlation_id}"}}}}'
    if span.static.encoded:
        attributes += "," + span.static.encoded
    if span.attributes:
        attributes += "," + encode_attributes(span.attributes)
    flags = _FLAGS_REMOTE if parent is not None and parent.remote else _FLAGS_LOCAL
    return (
        f'{head},"flags":{flags},"name":{quote_name(span.name)},"kind":{span.kind.value + 1}'
        f',"startTimeUnixNano":"{span.start_unix_nano}","endTimeUnixNano":"{span.end_unix_nano}"'
        f',"attributes":[{attributes}]{_encode_details(span)}}}'
    )


def _encode_details(span: Span) -> str:
    details = ""
    if span.events:
        details += f',"events":[{",".join(map(_encode_event, span.events))}]'
    if span.links:
        details += f',"links":[{",".join(map(_encode_link, span.links))}]'
    if span.status_code:
        message = f',"message":{quote(redact_text(span.status_message))}' if span.status_message else ""
        details += f',"status":{{"code":{span.status_code}{message}}}'
    if span.dropped_attributes or span.dropped_events or span.dropped_links:
        details += (
            f',"droppedAttributesCount":{span.dropped_attributes},"droppedEventsCount":{span.dropped_events}'
            f',"droppedLinksCount":{span.dropped_links}'
        )
    return details


def _encode_event(event: Event) -> str:
    return (
        f'{{"timeUnixNano":"{event.time_unix_nano}","name":{quote(redact_text(event.name))}'
        f',"attributes":[{encode_attributes(event.attributes)}]}}'
    )


def _encode_link(link: Link) -> str:
    context = link.context
    return (
        f'{{"traceId":"{context.trace_id:032x}","spanId":"{context.span_id:016x}"'
        f',"flags":{(0x300 if context.is_remote else 0x100) | context.trace_flags}'
        f',"attributes":[{encode_attributes(link.attributes)}]}}'
    )


def encode_log(record: LogRecord) -> str:
    """One OTLP `LogRecord`; the record is clean already."""
    attributes = _logger_attribute(record.logger)
    if record.correlation_id:
        attributes += f',{{"key":"correlation.id","value":{{"stringValue":"{record.correlation_id}"}}}}'
    if record.static.encoded:
        attributes += "," + record.static.encoded
    for key, value in record.fields.items():
        attributes += "," + encode_trusted(key, value)
    ids = f',"traceId":"{record.trace_id}","spanId":"{record.span_id}","flags":1' if record.trace_id else ""
    return (
        f'{{"timeUnixNano":"{record.time_unix_nano}","observedTimeUnixNano":"{record.time_unix_nano}"'
        f',"severityNumber":{record.severity},"severityText":"{record.level}"'
        f',"body":{{"stringValue":{quote(record.message)}}},"attributes":[{attributes}]{ids}}}'
    )


@lru_cache(512)
def _logger_attribute(name: str) -> str:
    return encode_trusted("logger", name)


def traces_body(resource: StaticAttributes, batch: Iterable[Item]) -> bytes:
    """An `ExportTraceServiceRequest`, grouped by scope."""
    return _body(b"resourceSpans", b"scopeSpans", b"spans", resource, batch)


def logs_body(resource: StaticAttributes, batch: Iterable[Item]) -> bytes:
    """An `ExportLogsServiceRequest`, grouped by scope."""
    return _body(b"resourceLogs", b"scopeLogs", b"logRecords", resource, batch)


def _body(outer: bytes, middle: bytes, inner: bytes, resource: StaticAttributes, batch: Iterable[Item]) -> bytes:
    scopes: dict[str, list[bytes]] = defaultdict(list)
    for item in batch:
        scopes[item.scope].append(item.data)
    groups = b",".join(
        b'{"scope":{"name":%b},"%b":[%b]}' % (quote_name(scope).encode(), inner, b",".join(data))
        for scope, data in scopes.items()
    )
    return b'{"%b":[{"resource":{"attributes":[%b]},"%b":[%b]}]}' % (outer, resource.encoded.encode(), middle, groups)


def rejected(signal: str, answer: Any) -> int:
    """How many items of a batch the backend says it did not accept, from its decoded JSON answer."""
    key = "rejectedSpans" if signal == "traces" else "rejectedLogRecords"
    partial = answer.get("partialSuccess") if isinstance(answer, dict) else None
    if not isinstance(partial, dict):
        return 0
    try:
        return max(0, int(partial.get(key) or 0))
    except (TypeError, ValueError):
        return 0
