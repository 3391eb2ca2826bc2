"""What the telemetry store holds, read as the command line reads it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pharos.telemetry.http import Backend

MOST_TRACES = 1500


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A span as stored."""

    service: str
    name: str
    kind: str
    span_id: str
    parent_span_id: str
    attributes: dict[str, Any]
    events: tuple[tuple[str, frozenset[str]], ...]


@dataclass
class Stored:
    """Every stored span, and who is whose parent."""

    spans: dict[str, StoredSpan] = field(default_factory=dict)

    def parent(self, span: StoredSpan) -> StoredSpan | None:
        """The span that caused this one, if it is stored."""
        return self.spans.get(span.parent_span_id)

    def of(self, service: str, kind: str) -> Iterator[StoredSpan]:
        """The spans of a service and a kind."""
        return (span for span in self.spans.values() if (span.service, span.kind) == (service, kind))


def read_all(lens: str) -> Stored:
    """All that is stored, up to a number of traces that a test does not reach."""
    backend = Backend(lens)
    stored = Stored()
    for service in _data(backend, "/api/services"):
        for trace in _data(backend, "/api/traces", {"service": service, "limit": MOST_TRACES}):
            for span in trace["spans"]:
                stored.spans[span["spanID"]] = _span(span, trace["processes"][span["processID"]]["serviceName"])
    return stored


def _data(backend: Backend, path: str, parameters: dict[str, str | int] | None = None) -> list[Any]:
    document = backend.get(path, dict[str, Any], parameters)
    assert document is not None, path
    return list(document["data"])


def _span(span: dict[str, Any], service: str) -> StoredSpan:
    attributes = {tag["key"]: tag["value"] for tag in span["tags"]}
    events = [{entry["key"]: entry["value"] for entry in log["fields"]} for log in span.get("logs") or ()]
    return StoredSpan(
        service=service,
        name=span["operationName"],
        kind=str(attributes.get("span.kind", "internal")),
        span_id=span["spanID"],
        parent_span_id=next((one["spanID"] for one in span["references"] if one["refType"] == "CHILD_OF"), ""),
        attributes=attributes,
        events=tuple((str(event["event"]), frozenset(set(event) - {"event"})) for event in events),
    )
