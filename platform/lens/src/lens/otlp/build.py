"""Records from decoded parts, shared by both encodings: the rules on ids, times and levels stand here once."""

import math
import time
from typing import Any

import msgspec

from chassis.telemetry.names import CORRELATION_ID, SERVICE_NAME
from lens.records import Batch, LogRecord, Resource, SpanDetails, SpanRecord, indexed_tags

UNKNOWN_SERVICE = "unknown_service"
CORRELATION_KEYS = (CORRELATION_ID, "correlation_id")
_LEVELS = ("", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8

encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


def resource_of(attributes: dict[str, Any]) -> Resource:
    """The sender, by OpenTelemetry's resource attributes; without `service.name` it is `unknown_service`."""
    return Resource(str(attributes.get(SERVICE_NAME) or UNKNOWN_SERVICE), _encode_sorted(attributes))


def finite(value: float) -> float | str:
    """JSON has no NaN and no infinities: those become text."""
    return value if math.isfinite(value) else str(value)


def add_span(
    batch: Batch,
    resource: Resource,
    *,
    trace_id: bytes,
    span_id: bytes,
    parent_id: bytes,
    name: str,
    kind: int,
    start_ns: int,
    end_ns: int,
    status: int,
    details: SpanDetails,
) -> None:
    """Append a valid span to the batch, or count it as rejected with the reason."""
    if len(trace_id) != _TRACE_ID_BYTES or not any(trace_id):
        batch.reject(f"span {name!r}: trace_id must be 16 bytes, not all zero")
    elif len(span_id) != _SPAN_ID_BYTES or not any(span_id):
        batch.reject(f"span {name!r}: span_id must be 8 bytes, not all zero")
    elif len(parent_id) not in {0, _SPAN_ID_BYTES}:
        batch.reject(f"span {name!r}: parent_span_id must be empty or 8 bytes")
    elif start_ns == 0 or max(start_ns, end_ns) >= 2**63:
        batch.reject(f"span {name!r}: start_time_unix_nano and end_time_unix_nano must be nanoseconds since 1970")
    else:
        batch.spans.append(
            SpanRecord(
                trace_id,
                span_id,
                parent_id if any(parent_id) else None,
                resource,
                name,
                kind if 0 <= kind <= 5 else 0,
                start_ns,
                max(start_ns, end_ns),
                status if 0 <= status <= 2 else 0,
                indexed_tags(details.attributes),
                encode(details),
            )
        )


def add_log(
    batch: Batch,
    resource: Resource,
    *,
    time_ns: int,
    observed_ns: int,
    severity: int,
    level: str,
    trace_id: bytes,
    span_id: bytes,
    body: Any,
    attributes: dict[str, Any],
) -> None:
    """Append a log line to the batch, or count it as rejected with the reason.

    A line without a time gets the observed time, else the present, as the log data model allows.
    """
    if len(trace_id) not in {0, _TRACE_ID_BYTES} or len(span_id) not in {0, _SPAN_ID_BYTES}:
        batch.reject("log record: trace_id must be empty or 16 bytes, span_id empty or 8 bytes")
        return
    when = time_ns or observed_ns or time.time_ns()
    if when >= 2**63:
        batch.reject("log record: time_unix_nano must be nanoseconds since 1970")
        return
    severity = severity if 0 < severity <= 24 else 0
    correlation = next((attributes[key] for key in CORRELATION_KEYS if key in attributes), None)
    batch.logs.append(
        LogRecord(
            when,
            resource,
            severity,
            level or _LEVELS[(severity + 3) // 4],
            trace_id if any(trace_id) else None,
            span_id if any(span_id) else None,
            correlation if isinstance(correlation, str) else None,
            body if isinstance(body, str) else encode(body).decode(),
            encode(attributes),
        )
    )
