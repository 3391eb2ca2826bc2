"""What the receivers hand to the store: one record per span and per log line, free of either wire encoding."""

from typing import Any

import msgspec

INDEXED_SUFFIX = ".id"
"""Text attributes whose name ends so can be searched by index (`correlation.id`, `order.id`, …)."""

MAX_INDEXED_LENGTH = 128
"""Longer values, in characters, are kept but not indexed."""


class Resource(msgspec.Struct, frozen=True):
    """The process that sent a record. `attributes` is canonical JSON, so that equal resources compare equal."""

    service: str
    attributes: bytes


class SpanEvent(msgspec.Struct, omit_defaults=True):
    """A timed event of a span; `time_ns` is Unix time in nanoseconds."""

    time_ns: int
    name: str
    attributes: dict[str, Any] = {}


class SpanLink(msgspec.Struct, omit_defaults=True):
    """A reference to a span of another (or the same) trace; ids in lower-case hex."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any] = {}


class SpanDetails(msgspec.Struct, omit_defaults=True):
    """What is stored of a span beside its searchable columns."""

    attributes: dict[str, Any] = {}
    events: list[SpanEvent] = []
    links: list[SpanLink] = []
    message: str = ""
    scope: str = ""
    scope_version: str = ""
    trace_state: str = ""


class SpanRecord(msgspec.Struct):
    """One span. Times are Unix nanoseconds; `kind` and `status` are OTLP's enumerations."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes | None
    resource: Resource
    name: str
    kind: int
    start_ns: int
    end_ns: int
    status: int
    tags: list[tuple[str, str]]
    details: bytes


class LogRecord(msgspec.Struct):
    """One log line. `attributes` is JSON; `severity` is OTLP's number (0: unknown)."""

    time_ns: int
    resource: Resource
    severity: int
    level: str
    trace_id: bytes | None
    span_id: bytes | None
    correlation_id: str | None
    body: str
    attributes: bytes


class Batch(msgspec.Struct):
    """What one request brought: the records worth storing, and how many were refused, with the first reason."""

    spans: list[SpanRecord] = []
    logs: list[LogRecord] = []
    rejected: int = 0
    reason: str = ""

    def __len__(self) -> int:
        return len(self.spans) + len(self.logs)

    def reject(self, reason: str) -> None:
        """Count one record as refused; the first reason is the one told to the sender."""
        self.rejected += 1
        self.reason = self.reason or reason


def indexed_tags(attributes: dict[str, Any]) -> list[tuple[str, str]]:
    """The attributes of a span that the store indexes."""
    return [
        (key, value)
        for key, value in attributes.items()
        if key.endswith(INDEXED_SUFFIX) and type(value) is str and len(value) <= MAX_INDEXED_LENGTH
    ]
