"""The other end: lens where there are no containers, the Collector where there are."""

import links
import look
import promql as q
from grafana_foundation_sdk.builders import timeseries
from panels import Q, timeline

LOST = [links.runbook("TelemetryLost"), links.runbook("CollectorLosing")]
BACKLOG = [links.runbook("CollectorBacklog"), links.runbook("TelemetryBacklog")]
SIGNALS = {"traces": "spans", "logs": "log_records"}
"""A signal and what the Collector calls its items."""


def receiver() -> list[timeseries.Panel]:
    """What came in, what was refused, what waits there, what it keeps."""
    return [
        timeline(
            "Received",
            "Spans and log lines a second that the receiver took, by signal. It equals what the services deliver.",
            look.EVENTS,
            Q(_either("lens_records_ingested_total", "receiver_accepted"), "{{signal}}"),
            links=BACKLOG,
        ),
        timeline(
            "Refused",
            "What the receiver did not take, a second. lens tells why; the Collector refuses when its memory is "
            "full, and the services keep what they can.",
            look.EVENTS,
            Q(_refused(), "{{otlp_refusal}}"),
            links=LOST,
        ),
        timeline(
            "Waiting to be stored",
            "Spans and log lines that the receiver has, but not yet the store. It falls at once after each peak; "
            "growth means that the store is slow or away.",
            look.COUNT,
            Q(
                'label_replace(sum(lens_queue_records), "exporter", "lens", "", "")\n'
                "or on () sum by (exporter) (otelcol_exporter_queue_size)\n"
                'or on () label_replace(vector(0), "exporter", "none", "", "")',
                "{{exporter}}",
            ),
            links=BACKLOG,
            decimals=0,
        ),
        timeline(
            "Size of the embedded store",
            "Size of lens' database, which removes the oldest at its limit; 0 where Jaeger and Loki store instead. "
            "Near the limit history gets short: raise LENS_MAX_BYTES.",
            look.BYTES,
            Q(q.or_nought("sum(lens_database_bytes)"), "database"),
            links=[links.to_service("lens")],
        ),
    ]


def _either(lens: str, collector: str) -> str:
    """A rate by signal: of lens, else of the Collector, which has a metric for each signal."""
    theirs = [
        f'label_replace({q.rate(f"otelcol_{collector}_{item}_total")}, "signal", "{signal}", "", "")'
        for signal, item in SIGNALS.items()
    ]
    return q.or_none(f"{q.rate(lens, by='signal')}\nor on () ({' or '.join(theirs)})", "signal")


def _refused() -> str:
    """By reason of lens, else by signal of the Collector."""
    invalid = f'label_replace({q.rate("lens_records_rejected_total")}, "otlp_refusal", "invalid", "", "")'
    theirs = [
        f'label_replace({q.rate(f"otelcol_receiver_refused_{item}_total")}, "otlp_refusal", "{item}", "", "")'
        for item in SIGNALS.values()
    ]
    ours = f"{q.rate('lens_requests_refused_total', by='otlp_refusal')} or {invalid}"
    return q.or_none(f"{ours}\nor on () ({' or '.join(theirs)})", "otlp_refusal")
