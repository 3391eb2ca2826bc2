"""`/metrics` in OpenMetrics, with exemplars."""

from typing import Any, Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

METRICS_CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
"""Media type of what `render_metrics` returns."""


def render_metrics(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Every metric of the process in the OpenMetrics text format, exemplars included."""
    text: Any = generate_latest(registry)  # type: ignore[no-untyped-call]
    return bytes(text)
