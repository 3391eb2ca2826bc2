"""Where spans and log records of this process go.

OpenTelemetry's tracer provider and loguru's logger exist once per process, so this does too. Everything else is given
to `Telemetry` by its maker. Until `configure` has run, items are counted as dropped.
"""

from typing import Final, Protocol

from chassis.telemetry.logrecord import LogRecord
from chassis.telemetry.otlp import encode_log, encode_span
from chassis.telemetry.queue import DISABLED, SignalQueue
from chassis.telemetry.settings import ExportSettings
from chassis.telemetry.span import Span
from chassis.telemetry.stdout import LineWriter
from chassis.telemetry.tracer import TracerProvider

SCOPE: Final = "chassis"
"""Instrumentation scope of what chassis itself emits."""


class Observer(Protocol):
    """Sees every span and log record, before they are encoded."""

    def on_span(self, span: Span) -> None:
        """A span has ended."""

    def on_log(self, record: LogRecord) -> None:
        """A log record has been made."""


class LogSink(Protocol):
    """Where a log record can be given without going through a logging library."""

    threshold: int

    def put(self, record: LogRecord) -> None:
        """Write a record whose text is clean already, and hand it on."""


class Pipeline:
    """The queues in force, and who looks on."""

    def __init__(self) -> None:
        """With closed queues and nobody looking on."""
        self.traces = SignalQueue("traces", ExportSettings(), closed=DISABLED)
        self.logs = SignalQueue("logs", ExportSettings(), closed=DISABLED)
        self.observers: tuple[Observer, ...] = ()
        self.sink: LogSink | None = None
        self.lines: LineWriter | None = None

    def span_ended(self, span: Span) -> None:
        """Take a span that has ended."""
        for observer in self.observers:
            observer.on_span(span)
        self.traces.offer(span.scope, encode_span, span)

    def log_made(self, record: LogRecord) -> None:
        """Take a log record."""
        for observer in self.observers:
            observer.on_log(record)
        self.logs.offer(SCOPE, encode_log, record)


PIPELINE: Final = Pipeline()
provider: Final = TracerProvider(PIPELINE.span_ended)
tracer: Final = provider.get_tracer(SCOPE)
