"""Logging: loguru and the standard library's logging meet in one sink that writes JSON and feeds the export."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from loguru import logger as log
from opentelemetry.trace.propagation import get_current_span

from chassis.correlation import correlation_id
from chassis.telemetry.encoding import NO_ATTRIBUTES, StaticAttributes
from chassis.telemetry.exceptions import exception_attributes
from chassis.telemetry.logrecord import SEVERITY, LogRecord, encode_line, free_key
from chassis.telemetry.pipeline import PIPELINE
from chassis.telemetry.redaction import redact_text, redact_value
from chassis.telemetry.settings import LEVELS
from chassis.telemetry.span import Span

if TYPE_CHECKING:
    from loguru import Message

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LogSink:
    """Cleans a record, adds the identifiers of the running work, writes it and hands it on."""

    def __init__(self, service: str, level: str, write: Callable[[bytes], object] | None) -> None:
        """A sink for records of `level` and above; without `write`, nothing goes to standard output."""
        self.threshold = LEVELS[level.upper()]
        self._service = service
        self._write = write

    def emit(
        self,
        level: str,
        message: str,
        *,
        logger: str,
        fields: Mapping[str, Any] | None = None,
        static: StaticAttributes = NO_ATTRIBUTES,
        exception: BaseException | None = None,
        time_unix_nano: int | None = None,
        span: Span | None = None,
    ) -> None:
        """Emit one record. Message and `fields` are redacted here; `static` must be clean."""
        clean = {free_key(key): redact_value(key, value) for key, value in fields.items()} if fields else {}
        if exception is not None:
            clean.update(exception_attributes(exception))
        trace_id, span_id = _identity(span)
        record = LogRecord(
            time_unix_nano=time.time_ns() if time_unix_nano is None else time_unix_nano,
            level=level,
            severity=SEVERITY.get(level, 9),
            message=redact_text(message),
            logger=logger,
            trace_id=trace_id,
            span_id=span_id,
            correlation_id=correlation_id() if span is None else span.correlation_id,
            fields=clean,
            static=static,
        )
        self.put(record)

    def put(self, record: LogRecord) -> None:
        """Write a record that is clean, and hand it on."""
        if self._write is not None:
            self._write(encode_line(self._service, record))
        PIPELINE.log_made(record)

    def from_loguru(self, message: "Message") -> None:
        """Take a record from loguru."""
        record = message.record
        exception = record["exception"]
        self.emit(
            record["level"].name,
            record["message"],
            logger=record["name"] or "",
            fields=record["extra"],
            exception=exception.value if exception is not None else None,
            time_unix_nano=int(record["time"].timestamp() * 1_000_000) * 1000,
        )


class InterceptHandler(logging.Handler):
    """Routes the standard library's logging into the sink."""

    def __init__(self, sink: LogSink) -> None:
        """Feed `sink`."""
        super().__init__(level=sink.threshold)
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record from the standard library; `extra` becomes fields."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            message = f"{record.msg} (arguments do not fit the format)"
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        level = record.levelname if record.levelname in SEVERITY else "INFO"
        self._sink.emit(
            level,
            message,
            logger=record.name,
            fields=fields,
            exception=record.exc_info[1] if record.exc_info else None,
            time_unix_nano=int(record.created * 1_000_000) * 1000,
        )


def _identity(span: Span | None) -> tuple[str, str]:
    current = get_current_span() if span is None else span
    return (current.trace_id, current.span_id) if isinstance(current, Span) else ("", "")


def install(sink: LogSink) -> None:
    """Make `sink` the only sink of loguru and of the standard library's root logger."""
    log.remove()
    log.add(sink.from_loguru, level=sink.threshold, format=_no_format, backtrace=False, diagnose=False, catch=True)
    root = logging.getLogger()
    root.handlers[:] = [InterceptHandler(sink)]
    root.setLevel(max(sink.threshold, logging.DEBUG))
    logging.captureWarnings(capture=True)


def _no_format(_record: object) -> str:
    return ""
