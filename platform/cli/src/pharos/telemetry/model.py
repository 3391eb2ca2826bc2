"""Traces and log lines as the commands show them. The field names are the JSON shapes of docs/cli.md."""

from collections.abc import Iterable
from typing import Any

import msgspec

CORRELATION = "correlation.id"
ORDER = "order.id"


class Span(msgspec.Struct, frozen=True):
    """One span; `status` is unset, ok or error."""

    span_id: str
    parent_span_id: str | None
    service: str
    name: str
    kind: str
    start_unix_nano: int
    duration_us: int
    status: str
    attributes: dict[str, Any]

    @property
    def end_unix_nano(self) -> int:
        """When it ended."""
        return self.start_unix_nano + self.duration_us * 1_000


class Trace(msgspec.Struct, frozen=True):
    """One trace, its spans in order of their start."""

    trace_id: str
    services: list[str]
    complete: bool
    spans: list[Span]

    @classmethod
    def of(cls, trace_id: str, spans: Iterable[Span]) -> "Trace":
        """A trace of spans in any order; one that comes twice counts once."""
        unique = {span.span_id: span for span in spans}
        ordered = sorted(unique.values(), key=lambda span: (span.start_unix_nano, -span.duration_us, span.span_id))
        services = list(dict.fromkeys(span.service for span in ordered))
        return cls(trace_id, services, is_complete(ordered), ordered)

    @property
    def start_unix_nano(self) -> int:
        """When its first span began."""
        return min((span.start_unix_nano for span in self.spans), default=0)

    @property
    def end_unix_nano(self) -> int:
        """When its last span ended."""
        return max((span.end_unix_nano for span in self.spans), default=0)

    def values(self, attribute: str) -> list[str]:
        """The different values of an attribute over its spans, in order of the spans."""
        found = (span.attributes.get(attribute) for span in self.spans)
        return list(dict.fromkeys(value for value in found if isinstance(value, str)))


class FoundTraces(msgspec.Struct, frozen=True):
    """What an ID stands for: the traces of one correlation ID, the ID's own first."""

    correlation_id: str
    traces: list[Trace]

    @property
    def complete(self) -> bool:
        """Whether all of them are."""
        return all(trace.complete for trace in self.traces)


class LogLine(msgspec.Struct, frozen=True):
    """One log line; ids are empty where the line has none."""

    time_unix_nano: int
    level: str
    service: str
    message: str
    trace_id: str
    span_id: str
    correlation_id: str
    extra: dict[str, str]


def is_complete(spans: Iterable[Span]) -> bool:
    """Whether there is exactly one root and every parent is there."""
    listed = list(spans)
    known = {span.span_id for span in listed}
    roots = sum(span.parent_span_id is None for span in listed)
    return roots == 1 and all(span.parent_span_id in known for span in listed if span.parent_span_id is not None)
