"""`/metrics`: OpenMetrics with exemplars, or Prometheus' older text for whoever asks for text."""

from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import REGISTRY, CollectorRegistry, disable_created_metrics
from prometheus_client.exposition import generate_latest as generate_text
from prometheus_client.openmetrics.exposition import generate_latest

METRICS_CONTENT_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
"""Media type of what `render_metrics` returns. No name of ours needs escaping, so one scheme serves every scraper."""
TEXT_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Media type of what `render_metrics_text` returns."""

_OPENMETRICS: Final = "application/openmetrics-text"

# Else each counter and histogram has one more series that says when it was made, which nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]


def render_metrics(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Every metric of the process in the OpenMetrics text format, exemplars included."""
    text: Any = generate_latest(registry)  # type: ignore[no-untyped-call]
    return bytes(text)


def render_metrics_text(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Every metric of the process in the format of Prometheus before OpenMetrics, which has no exemplars."""
    return generate_text(registry)


def expose_metrics(accept: str) -> tuple[bytes, str]:
    """What a scraper gets that accepts these media types, and its own.

    It is OpenMetrics unless the scraper likes text better: a Prometheus configured so, or a browser.
    """
    openmetrics = text = anything = 0.0
    for kind, quality in _accepted(accept):
        if kind == _OPENMETRICS:
            openmetrics = max(openmetrics, quality)
        elif kind.startswith("text/"):
            text = max(text, quality)
        else:
            anything = max(anything, quality)
    if text > (openmetrics or anything):
        return render_metrics_text(), TEXT_CONTENT_TYPE
    return render_metrics(), METRICS_CONTENT_TYPE


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    """The media ranges of an Accept header and how much each is liked (RFC 9110 §12.5.1)."""
    for item in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        if kind in {_OPENMETRICS, "*/*", "application/*"} or kind.startswith("text/"):
            yield kind, _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
