"""Seeing what was emitted, in tests: everything that ends inside of a `capture` block, decoded, in memory.

`unknown_names` tells which of it is not in the registry of names.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from chassis.telemetry.logrecord import LogRecord
from chassis.telemetry.pipeline import PIPELINE
from chassis.telemetry.redaction import redact_text, redact_value
from chassis.telemetry.registry import Names, label, span_pattern
from chassis.telemetry.span import Span

_PROMETHEUS_LABELS = frozenset({"le", "quantile"})


@dataclass(frozen=True)
class CapturedEvent:
    """A span's event."""

    name: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class CapturedSpan:
    """An ended span as a backend would see it; identifiers are hexadecimal, `kind` is lower case."""

    name: str
    kind: str
    scope: str
    trace_id: str
    span_id: str
    parent_span_id: str | None
    start_unix_nano: int
    end_unix_nano: int
    status: str
    status_message: str
    attributes: Mapping[str, Any]
    events: tuple[CapturedEvent, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def correlation_id(self) -> str:
        """The correlation ID it carries."""
        return str(self.attributes["correlation.id"])


@dataclass(frozen=True)
class CapturedLog:
    """A log record as a backend would see it."""

    level: str
    message: str
    logger: str
    trace_id: str
    span_id: str
    correlation_id: str
    fields: Mapping[str, Any]


@dataclass
class Captured:
    """Spans in the order they ended, and log records in the order they were made."""

    spans: list[CapturedSpan] = field(default_factory=list)
    logs: list[CapturedLog] = field(default_factory=list)

    def on_span(self, span: Span) -> None:
        """Keep a span."""
        self.spans.append(_captured_span(span))

    def on_log(self, record: LogRecord) -> None:
        """Keep a log record."""
        self.logs.append(
            CapturedLog(
                level=record.level,
                message=record.message,
                logger=record.logger,
                trace_id=record.trace_id,
                span_id=record.span_id,
                correlation_id=record.correlation_id,
                fields={**record.static, **record.fields},
            )
        )

    def named(self, name: str) -> list[CapturedSpan]:
        """The spans of a name."""
        return [span for span in self.spans if span.name == name]

    def of_trace(self, trace_id: str) -> list[CapturedSpan]:
        """The spans of a trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    def clear(self) -> None:
        """Forget everything seen so far."""
        self.spans.clear()
        self.logs.clear()


@contextmanager
def capture() -> Iterator[Captured]:
    """Capture what ends inside of the block. Works with and without `configure`; what is captured is exported too."""
    captured = Captured()
    PIPELINE.observers = (*PIPELINE.observers, captured)
    try:
        yield captured
    finally:
        PIPELINE.observers = tuple(observer for observer in PIPELINE.observers if observer is not captured)


def _captured_span(span: Span) -> CapturedSpan:
    attributes = {key: redact_value(key, value) for key, value in span.attributes.items()}
    return CapturedSpan(
        name=span.name,
        kind=span.kind.name.lower(),
        scope=span.scope,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent.span_id if span.parent is not None else None,
        start_unix_nano=span.start_unix_nano,
        end_unix_nano=span.end_unix_nano,
        status=("unset", "ok", "error")[span.status_code],
        status_message=redact_text(span.status_message),
        attributes={"correlation.id": span.correlation_id, **span.static, **attributes},
        events=tuple(
            CapturedEvent(event.name, {key: redact_value(key, value) for key, value in event.attributes.items()})
            for event in span.events or ()
        ),
        links=tuple((f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") for link in span.links or ()),
    )


def unknown_names(captured: Captured, *registries: Names, metrics: CollectorRegistry | None = REGISTRY) -> list[str]:
    """Every name emitted that none of the registries declares, once each, as `span client "name"` and the like.

    Metrics are those of the process's registry; None leaves them out.
    """
    attributes = {name for names in registries for name in names.attributes}
    found = [*_unknown_in_spans(captured.spans, registries, attributes)]
    for record in captured.logs:
        found += [f"log field {key!r}" for key in record.fields if key not in attributes]
    if metrics is not None:
        found += _unknown_metrics(metrics, {name for names in registries for name in names.metrics}, attributes)
    return list(dict.fromkeys(found))


def _unknown_in_spans(
    spans: Iterable[CapturedSpan], registries: Iterable[Names], attributes: set[str]
) -> Iterator[str]:
    patterns = [(kind, span_pattern(name)) for names in registries for kind, name in names.spans]
    events = {name for names in registries for name in names.events}
    for span in spans:
        if not any(kind == span.kind and pattern.fullmatch(span.name) for kind, pattern in patterns):
            yield f"span {span.kind} {span.name!r}"
        yield from (f"attribute {key!r}" for key in span.attributes if key not in attributes)
        for event in span.events:
            if event.name not in events:
                yield f"event {event.name!r}"
            yield from (f"attribute {key!r}" for key in event.attributes if key not in attributes)


def _unknown_metrics(metrics: CollectorRegistry, declared: set[str], attributes: set[str]) -> Iterator[str]:
    labels = {label(name) for name in attributes} | _PROMETHEUS_LABELS
    for family in metrics.collect():
        if family.name not in declared:
            yield f"metric {family.name!r}"
        for sample in family.samples:
            yield from (f"label {name!r} of {family.name}" for name in sample.labels if name not in labels)
