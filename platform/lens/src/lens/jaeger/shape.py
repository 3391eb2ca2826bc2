"""Stored traces in Jaeger's JSON: typed tags, references, microseconds, processes by key."""

from typing import Any

from lens.store.traces import (
    KIND_NAMES,
    STATUS_NAMES,
    StoredResource,
    StoredSpan,
    StoredTrace,
    as_text,
)

_JS_SAFE_INTEGER = 2**53 - 1
_ERROR = 2
_UNSPECIFIED = 0


def structured(data: Any, *, total: int = 0, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The envelope of every answer."""
    return {"data": data, "total": total, "limit": 0, "offset": 0, "errors": errors}


def failure(status: int, message: str) -> dict[str, Any]:
    """The envelope of an error."""
    return structured(None, errors=[{"code": status, "msg": message}])


def trace(stored: StoredTrace) -> dict[str, Any]:
    """One trace."""
    keys = {number: f"p{index}" for index, number in enumerate(sorted(stored.resources), start=1)}
    return {
        "traceID": stored.trace_id,
        "spans": [_span(stored.trace_id, span, keys[span.resource]) for span in stored.spans],
        "processes": {key: _process(stored.resources[number]) for number, key in keys.items()},
        "warnings": None,
    }


def _span(trace_id: str, span: StoredSpan, process: str) -> dict[str, Any]:
    return {
        "traceID": trace_id,
        "spanID": span.span_id,
        "operationName": span.name,
        "references": _references(trace_id, span),
        "startTime": span.start_ns // 1_000,
        "duration": span.duration_ns // 1_000,
        "tags": [*_tags(span.details.attributes), *_own_tags(span)],
        "logs": [
            {
                "timestamp": event.time_ns // 1_000,
                "fields": [_tag("event", event.name), *_tags(event.attributes)],
            }
            for event in span.details.events
        ],
        "processID": process,
        "warnings": None,
    }


def _references(trace_id: str, span: StoredSpan) -> list[dict[str, str]]:
    parents = [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": span.parent_id}] if span.parent_id else []
    links = [
        {"refType": "FOLLOWS_FROM", "traceID": link.trace_id, "spanID": link.span_id} for link in span.details.links
    ]
    return parents + links


def _own_tags(span: StoredSpan) -> list[dict[str, Any]]:
    """What OTLP has as fields and Jaeger as tags."""
    details = span.details
    tags = {
        "otel.scope.name": details.scope,
        "otel.scope.version": details.scope_version,
        "span.kind": KIND_NAMES[span.kind] if span.kind != _UNSPECIFIED else "",
        "otel.status_code": STATUS_NAMES[span.status] if span.status else "",
        "error": span.status == _ERROR,
        "otel.status_description": details.message,
        "w3c.tracestate": details.trace_state,
    }
    return _tags({key: value for key, value in tags.items() if value})


def _process(resource: StoredResource) -> dict[str, Any]:
    attributes = {key: value for key, value in resource.attributes.items() if key != "service.name"}
    return {"serviceName": resource.service, "tags": _tags(attributes)}


def _tags(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [_tag(key, value) for key, value in attributes.items()]


def _tag(key: str, value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"key": key, "type": "bool", "value": value}
        case int():
            safe = value if -_JS_SAFE_INTEGER <= value <= _JS_SAFE_INTEGER else str(value)
            return {"key": key, "type": "int64", "value": safe}
        case float():
            return {"key": key, "type": "float64", "value": value}
        case {"$bytes": str() as text, **rest} if not rest:
            return {"key": key, "type": "binary", "value": text}
        case None:
            return {"key": key, "type": "string", "value": ""}
    return {"key": key, "type": "string", "value": as_text(value)}
