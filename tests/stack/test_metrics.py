"""What Prometheus has, held against the traces in Jaeger and the spans that the Collector counted."""

import time
from typing import Any

import pytest

from stack.conftest import Run
from support.follow import SERVICES
from support.stack import Stack
from testkit import wait_until

ROUTES_WITHOUT_A_TRACE = "/health/.*|/metrics"
EXEMPLARS_FOLLOWED = 60
BACKENDS = {"collector", "jaeger", "loki", "alertmanager", "prometheus"}


@pytest.mark.parametrize("service", sorted(SERVICES | BACKENDS | {"warden"}))
async def test_every_part_is_scraped(stack: Stack, service: str) -> None:
    """Its target may have been looked at last before it was up."""
    await wait_until(
        lambda: set(stack.by("instance", f'up{{service="{service}"}}').values()) == {1.0},
        timeout=30,
        interval=1,
        what=f"a scrape of {service}",
    )


def test_exemplars_of_every_service_lead_to_traces_in_jaeger(stack: Stack, orders: Run) -> None:
    found: list[dict[str, Any]] = stack.prometheus(
        "query_exemplars",
        query='{__name__=~"http_server_request_duration_seconds_bucket|messaging_process_duration_seconds_bucket"}',
        start=str(orders.began),
        end=str(time.time()),
    )
    by_service: dict[str, set[str]] = {}
    for series in found:
        traces = by_service.setdefault(series["seriesLabels"]["service"], set())
        traces |= {exemplar["labels"]["trace_id"] for exemplar in series["exemplars"]}
    assert set(by_service) >= SERVICES
    for service, traces in by_service.items():
        for trace_id in sorted(traces)[: EXEMPLARS_FOLLOWED // len(SERVICES)]:
            trace = stack.jaeger.trace(trace_id)
            assert trace is not None, f"{service}: no trace {trace_id}"
            assert service in trace.services


async def test_span_metrics_agree_with_the_services_own_counts(stack: Stack, orders: Run) -> None:
    """Both count what was served since the start; the services' own count stands still once the load has ended."""
    own = f'sum by (service) (http_server_request_duration_seconds_count{{http_route!~"{ROUTES_WITHOUT_A_TRACE}"}})'
    spans = 'sum by (service_name) (traces_span_metrics_calls_total{span_kind="SPAN_KIND_SERVER"})'

    def differences() -> dict[str, tuple[float, float]]:
        counted, made = stack.by("service", own), stack.by("service_name", spans)
        return {
            service: (counted.get(service, 0.0), made.get(service, 0.0))
            for service in SERVICES
            if abs(made.get(service, 0.0) - counted.get(service, 0.0)) > 0.01 * counted.get(service, 0.0)
            or not counted.get(service)
        }

    await wait_until(lambda: not differences(), timeout=30, interval=1, what=f"equal counts, and not {differences()}")
    assert stack.by("service", own)["orders"] >= len(orders.correlation_ids)


def test_nothing_was_dropped_on_the_way(stack: Stack, orders: Run) -> None:
    assert stack.value("sum(telemetry_items_dropped_total)") == 0
    assert stack.value("sum(otelcol_exporter_send_failed_spans_total)") == 0
    assert stack.value("sum(otelcol_receiver_refused_spans_total)") == 0
    assert orders.correlation_ids
