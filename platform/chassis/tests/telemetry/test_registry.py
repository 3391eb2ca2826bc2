import platform

from prometheus_client import CollectorRegistry, Counter

from chassis.telemetry import log, span, tracer
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.registry import Names, span_pattern
from chassis.telemetry.testing import Captured, unknown_names

OWN = Names(
    owner="orders",
    spans=(("internal", "saga.step {saga.step}"),),
    attributes=("saga.step", "order.id"),
    metrics=("orders_placed",),
)


def test_declared_names_are_known(captured: Captured) -> None:
    with span("saga.step reserve_stock", attributes={"saga.step": "reserve_stock"}):
        log.bind(**{"order.id": "o-1"}).info("reserved")
    assert unknown_names(captured, REGISTRY, OWN, metrics=None) == []


def test_each_undeclared_name_is_told_once(captured: Captured) -> None:
    for _ in range(2):
        made = tracer.start("cooking")
        made.set_attribute("kitchen.sink", 1)
        made.add_event("spilled", {"how.much": 2})
        made.end()
        log.bind(mood="bad").info("hm")
    assert unknown_names(captured, REGISTRY, OWN, metrics=None) == [
        "span internal 'cooking'",
        "attribute 'kitchen.sink'",
        "event 'spilled'",
        "attribute 'how.much'",
        "log field 'mood'",
    ]


def test_undeclared_metrics_and_labels_are_told(captured: Captured) -> None:
    metrics = CollectorRegistry()
    Counter("orders_placed", "Known.", ["order_id"], registry=metrics).labels("1").inc()
    Counter("orders_lost", "Unknown.", ["colour"], registry=metrics).labels("red").inc()
    assert unknown_names(captured, REGISTRY, OWN, metrics=metrics) == [
        "metric 'orders_lost'",
        "label 'colour' of orders_lost",
    ]


def test_the_metrics_of_this_process_are_declared(captured: Captured) -> None:
    assert unknown_names(captured, REGISTRY) == []


def test_templates_match_whole_names() -> None:
    pattern = span_pattern("{http.request.method}[ {http.route}]")
    assert pattern.fullmatch("GET")
    assert pattern.fullmatch("GET /orders/{order_id}")
    assert not span_pattern("saga.step {saga.step}").fullmatch("saga.step ")
    assert not span_pattern("a.b").fullmatch("aXb")


def test_the_standard_librarys_platform_is_the_one_imported() -> None:
    assert platform.system()
