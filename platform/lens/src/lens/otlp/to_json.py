"""A stored trace as OTLP JSON as viewers read it: enumerations by name, ids in hex, 64-bit numbers as text."""

from typing import Any

from chassis.telemetry.names import SERVICE_NAME
from lens.store.traces import KIND_NAMES, STATUS_NAMES, StoredResource, StoredSpan, StoredTrace

Scope = tuple[int, str, str]


def document(stored: StoredTrace) -> dict[str, Any]:
    """`{"resourceSpans": …}`: spans under the process that sent them and the code that made them."""
    scopes: dict[Scope, list[dict[str, Any]]] = {}
    for span in stored.spans:
        key = (span.resource, span.details.scope, span.details.scope_version)
        scopes.setdefault(key, []).append(_span(stored.trace_id, span))
    groups: dict[int, list[dict[str, Any]]] = {}
    for (resource, name, version), spans in scopes.items():
        groups.setdefault(resource, []).append({"scope": {"name": name, "version": version}, "spans": spans})
    return {
        "resourceSpans": [
            {"resource": {"attributes": _attributes(_resource(stored.resources[number]))}, "scopeSpans": scoped}
            for number, scoped in groups.items()
        ]
    }


def _resource(resource: StoredResource) -> dict[str, Any]:
    return {SERVICE_NAME: resource.service, **resource.attributes}


def _span(trace_id: str, span: StoredSpan) -> dict[str, Any]:
    details = span.details
    found: dict[str, Any] = {
        "traceId": trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": f"SPAN_KIND_{KIND_NAMES[span.kind].upper()}",
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.start_ns + span.duration_ns),
        "attributes": _attributes(details.attributes),
        "events": [
            {"timeUnixNano": str(event.time_ns), "name": event.name, "attributes": _attributes(event.attributes)}
            for event in details.events
        ],
        "links": [
            {"traceId": link.trace_id, "spanId": link.span_id, "attributes": _attributes(link.attributes)}
            for link in details.links
        ],
        "status": _status(span),
    }
    if span.parent_id:
        found["parentSpanId"] = span.parent_id
    if details.trace_state:
        found["traceState"] = details.trace_state
    return found


def _status(span: StoredSpan) -> dict[str, str]:
    message = {"message": span.details.message} if span.details.message else {}
    return {"code": f"STATUS_CODE_{STATUS_NAMES[span.status]}", **message} if span.status else {}


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"stringValue": value}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
    return _composed(value)


def _composed(value: Any) -> dict[str, Any]:
    match value:
        case list():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
        case {"$bytes": str() as text, **rest} if not rest:
            return {"bytesValue": text}
        case dict():
            return {"kvlistValue": {"values": _attributes(value)}}
    return {}
