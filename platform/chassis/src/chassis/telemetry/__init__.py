"""Traces, metrics and logs of a process.

Set up once with `configure(TelemetrySettings(...))`; then `span`, `annotate` and `log` are all that most code needs.
Code written against the OpenTelemetry API works unchanged. Litestar and Piccolo are not imported here.
"""

from loguru import logger as log
from opentelemetry.trace import SpanKind, StatusCode

from chassis.telemetry.current import (
    annotate,
    current_span,
    current_traceparent,
    entry_span,
    span,
    untraced,
)
from chassis.telemetry.encoding import StaticAttributes
from chassis.telemetry.metrics import METRICS_CONTENT_TYPE, render_metrics
from chassis.telemetry.pipeline import tracer
from chassis.telemetry.settings import ExportSettings, TelemetrySettings
from chassis.telemetry.span import Span
from chassis.telemetry.telemetry import Telemetry, configure

__all__ = [
    "METRICS_CONTENT_TYPE",
    "ExportSettings",
    "Span",
    "SpanKind",
    "StaticAttributes",
    "StatusCode",
    "Telemetry",
    "TelemetrySettings",
    "annotate",
    "configure",
    "current_span",
    "current_traceparent",
    "entry_span",
    "log",
    "render_metrics",
    "span",
    "tracer",
    "untraced",
]
