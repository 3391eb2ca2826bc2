"""Every endpoint and every edge between services is in the stored telemetry, under declared names only."""

import asyncio
import json
import tomllib
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from chassis.telemetry.registry import label, span_pattern
from support.system import ROOT, System
from telemetry.journeys import visit_everything
from telemetry.registries import all_registries
from telemetry.stored import Stored, StoredSpan, read_all
from testkit import wait_until

SERVICES = sorted(folder.parent.name for folder in ROOT.glob("services/*/service.toml"))
MANIFESTS = {name: tomllib.loads((ROOT / "services" / name / "service.toml").read_text()) for name in SERVICES}
JAEGERS_OWN_TAGS = {
    "span.kind",
    "otel.status_code",
    "otel.status_description",
    "error",
    "otel.scope.name",
    "otel.scope.version",
    "otel.library.name",
    "otel.library.version",
    "internal.span.format",
}


def _operations() -> Iterator[tuple[str, str, str]]:
    """Service, operation ID and `METHOD /route` of every operation but those of health, which is not traced."""
    for service in SERVICES:
        document = json.loads((ROOT / "services" / service / "openapi.json").read_text())
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if not path.startswith("/health/"):
                    yield service, operation["operationId"], f"{method.upper()} {path}"


OPERATIONS = list(_operations())
ROUTES = {(service, operation): route for service, operation, route in OPERATIONS}
CALLS = [
    (caller, callee, operation)
    for caller, manifest in MANIFESTS.items()
    for callee, operations in manifest.get("calls", {}).items()
    for operation in operations
]
EVENTS = [
    (event.split(".")[0], consumer, event)
    for consumer, manifest in MANIFESTS.items()
    for event in manifest.get("events", {}).get("consumes", [])
]
PUBLIC = [
    (service, route) for service, manifest in MANIFESTS.items() for route in manifest.get("edge", {}).get("routes", [])
]


@pytest.fixture(scope="module")
def stored(system: System) -> Stored:
    """What is stored once every journey was made and all of it has arrived."""
    return asyncio.run(_visit_and_settle(system))


async def _visit_and_settle(system: System) -> Stored:
    await visit_everything(system)
    reached = Stored()

    def settled() -> bool:
        nonlocal reached
        before, reached = reached, read_all(system.up["endpoints"]["lens"])
        refund = "payments.payment.refunded.v1"
        told = any(span.name.endswith(refund) for span in reached.of("notifications", "consumer"))
        return told and len(reached.spans) == len(before.spans)

    await wait_until(settled, timeout=30, interval=1.2)
    return reached


def test_the_matrix_knows_services_calls_and_events() -> None:
    assert len(SERVICES) == 5
    assert OPERATIONS
    assert CALLS
    assert EVENTS
    assert PUBLIC


@pytest.mark.parametrize(("service", "route"), [(service, route) for service, _, route in OPERATIONS])
def test_an_operation_has_a_server_span_that_says_how_it_went(stored: Stored, service: str, route: str) -> None:
    spans = [span for span in stored.of(service, "server") if span.name == route]

    assert spans, f"{service} has no span {route}"
    for span in spans:
        assert span.attributes["http.request.method"] == route.split(maxsplit=1)[0]
        assert span.attributes["http.route"] == route.split()[1]
        assert int(span.attributes["http.response.status_code"]) >= 200


@pytest.mark.parametrize(("service", "route"), PUBLIC)
def test_a_public_route_begins_at_edge_and_continues_in_its_service(stored: Stored, service: str, route: str) -> None:
    entries = [span for span in stored.of("edge", "server") if span.name == route]

    assert entries
    assert all(span.parent_span_id == "" for span in entries)
    assert "edge" in {_calling(stored, span) for span in stored.of(service, "server") if span.name == route}


@pytest.mark.parametrize(("caller", "callee", "operation"), CALLS)
def test_a_call_is_a_client_span_whose_child_is_the_callees_server_span(
    stored: Stored, caller: str, callee: str, operation: str
) -> None:
    route = ROUTES[callee, operation]
    if (caller, operation) in RARE_CALLS:
        pytest.skip(RARE_CALLS[caller, operation])
    served = [span for span in stored.of(callee, "server") if span.name == route]

    assert caller in {_calling(stored, span) for span in served}


@pytest.mark.parametrize(("publisher", "consumer", "event"), EVENTS)
def test_an_event_is_a_producer_span_whose_child_is_the_consumers_span(
    stored: Stored, publisher: str, consumer: str, event: str
) -> None:
    handled = [span for span in stored.of(consumer, "consumer") if span.name.endswith(event)]
    causes = [stored.parent(span) for span in handled]

    assert handled, f"{consumer} has no span for {event}"
    assert {(cause.service, cause.kind) for cause in causes if cause} == {(publisher, "producer")}
    assert None not in causes


def test_every_span_has_its_parent_and_the_correlation_id_of_its_trace(stored: Stored) -> None:
    orphans = [span for span in stored.spans.values() if span.parent_span_id and stored.parent(span) is None]
    strays = [
        span
        for span in stored.spans.values()
        if (parent := stored.parent(span)) and parent.attributes["correlation.id"] != span.attributes["correlation.id"]
    ]

    assert orphans == []
    assert strays == []


def test_no_span_attribute_or_event_has_an_undeclared_name(stored: Stored) -> None:
    registries = all_registries()
    attributes = {name for names in registries for name in names.attributes} | JAEGERS_OWN_TAGS
    events = {name for names in registries for name in names.events}
    patterns = [(kind, span_pattern(name)) for names in registries for kind, name in names.spans]
    undeclared: set[str] = set()
    for span in stored.spans.values():
        undeclared |= {f"attribute {name}" for name in set(span.attributes) - attributes}
        undeclared |= {f"event {name}" for name, _ in span.events if name not in events}
        undeclared |= {f"attribute {name}" for _, names in span.events for name in names - attributes}
        if not any(kind == span.kind and pattern.fullmatch(span.name) for kind, pattern in patterns):
            undeclared.add(f"span {span.kind} {span.name}")

    assert undeclared == set()


def test_no_metric_or_label_has_an_undeclared_name(stored: Stored, system: System) -> None:
    del stored
    declared = {name for names in all_registries() for name in names.metrics}
    labels = {label(name) for names in all_registries() for name in names.attributes} | {"le", "quantile"}
    for service in system.json("status")["services"]:
        for url in _addresses(system, service["name"]):
            for family, label_names in _scrape(url):
                assert family in declared, f"{service['name']} emits the metric {family}"
                assert label_names <= labels, f"{family} of {service['name']} has the labels {label_names - labels}"


def test_no_log_line_has_an_undeclared_field(stored: Stored, system: System) -> None:
    del stored
    order = system.json("order")
    system.json("trace", order["correlation_id"])
    declared = {name for names in all_registries() for name in names.attributes}
    declared |= {label(name) for name in declared} | COMMON_FIELDS

    lines = [json.loads(line) for line in system.pharos("logs", order["correlation_id"], "--json").stdout.splitlines()]

    assert lines
    assert {name for line in lines for name in line} - declared == set()


COMMON_FIELDS = {"time", "level", "service", "message", "trace_id", "span_id", "correlation_id", "logger"}
RARE_CALLS = {
    ("orders", "get_payment"): "made only when a payment's answer was lost; the tests of orders lose answers",
}


def _calling(stored: Stored, span: StoredSpan) -> str:
    parent = stored.parent(span)
    return parent.service if parent and parent.kind == "client" else ""


def _addresses(system: System, service: str) -> list[str]:
    document: dict[str, Any] = json.loads((system.state / "endpoints.json").read_text())
    return [instance["url"] for instance in document["services"].get(service, [])]


def _scrape(url: str) -> Iterator[tuple[str, set[str]]]:
    request = urllib.request.Request(f"{url}/metrics", headers={"Accept": "application/openmetrics-text"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        for family in text_string_to_metric_families(reply.read().decode()):  # type: ignore[no-untyped-call]
            yield family.name, {name for sample in family.samples for name in sample.labels}
