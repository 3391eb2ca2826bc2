import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from lens_store import Result, Store, new_id, span, spans

Pharos = Callable[..., Result]


class Order(NamedTuple):
    """The ids of an order placed, its log-in before and a look at it after, all under one correlation ID."""

    correlation: str
    order: str
    trace: str
    log_in: str
    look: str


@pytest.fixture(scope="module")
def order(store: Store) -> Order:
    ids = Order(f"corr-{new_id(8)}", f"order-{new_id(8)}", new_id(16), new_id(16), new_id(16))
    root, call, step = new_id(8), new_id(8), new_id(8)
    correlated = {"correlation.id": ids.correlation}
    both = correlated | {"order.id": ids.order}
    store.post(
        "traces",
        spans(
            "edge",
            span(
                ids.log_in, new_id(8), name="POST /sessions", at_ms=-500, attributes={"correlation.id": ids.correlation}
            ),
            span(ids.trace, root, ms=100, attributes=correlated),
            span(ids.look, new_id(8), name="GET /orders/{order_id}", at_ms=900, attributes=both),
        ),
    )
    store.post(
        "traces",
        spans(
            "orders",
            span(ids.trace, call, root, at_ms=10, ms=80, attributes=both),
            span(ids.trace, step, call, at_ms=20, ms=50, name="saga.step authorise_payment", kind=1,
                 attributes=both, status={"code": 2, "message": "declined"}),
        ),
    )  # fmt: skip
    store.post("traces", spans("payments", span(ids.trace, new_id(8), step, at_ms=25, ms=1, name="POST /payments")))
    return ids


@pytest.mark.parametrize("kind", ["correlation", "trace", "order"])
def test_any_id_leads_to_the_orders_own_trace_first(pharos: Pharos, order: Order, kind: str) -> None:
    result = pharos("trace", getattr(order, kind), "--json")

    assert result.code == 0, result.err
    assert list(result.json) == ["correlation_id", "traces"]
    assert result.json["correlation_id"] == order.correlation
    assert [found["trace_id"] for found in result.json["traces"]] == [order.trace, order.log_in, order.look]


def test_the_document_has_the_documented_shape(pharos: Pharos, order: Order) -> None:
    own = pharos("trace", order.order, "--json").json["traces"][0]

    assert list(own) == ["trace_id", "services", "complete", "spans"]
    assert own["services"] == ["edge", "orders", "payments"]
    assert own["complete"] is True
    root, _, step, _ = own["spans"]
    assert list(root) == [
        "span_id", "parent_span_id", "service", "name", "kind", "start_unix_nano", "duration_us", "status",
        "attributes",
    ]  # fmt: skip
    assert (root["parent_span_id"], root["kind"], root["status"]) == (None, "server", "unset")
    assert root["duration_us"] == 100_000
    assert (step["kind"], step["status"]) == ("internal", "error")
    assert step["attributes"] == {
        "correlation.id": order.correlation, "order.id": order.order, "otel.status_description": "declined",
    }  # fmt: skip


def test_the_waterfall_shows_who_called_whom_and_what_failed(pharos: Pharos, order: Order, store: Store) -> None:
    result = pharos("trace", order.trace)

    assert result.code == 0
    heading, root, call, step, payment, link = result.out.splitlines()[1:7]
    assert heading == f"trace {order.trace} · 4 spans · 3 services · 100 ms · complete"
    assert re.fullmatch("edge POST /orders +━+ +100 ms", root)
    assert call.startswith("  orders POST /orders")
    assert step.startswith("    ✗ orders ◆ authorise_payment")
    assert step.rstrip().endswith("50 ms")
    assert payment.startswith("      payments POST /payments")
    assert link.strip() == f"http://127.0.0.1:{store.port}/trace/{order.trace}"
    assert "\x1b" not in result.out


def test_it_waits_until_the_missing_parent_has_come(pharos: Pharos, store: Store) -> None:
    correlation, trace_id, root = f"corr-{new_id(8)}", new_id(16), new_id(8)
    values = {"correlation.id": correlation}
    now_ms = 60_000
    store.post("traces", spans("orders", span(trace_id, new_id(8), root, at_ms=now_ms, attributes=values)))
    late = spans("edge", span(trace_id, root, at_ms=now_ms, attributes=values))
    timer = threading.Timer(1.0, store.post, ("traces", late))
    timer.start()

    began = time.monotonic()
    result = pharos("trace", correlation, "--json", "--wait", "20")

    assert result.json["traces"][0]["complete"] is True
    assert time.monotonic() - began < 10
    timer.join()


def test_an_incomplete_trace_is_shown_and_said_to_be(pharos: Pharos, store: Store) -> None:
    trace_id = new_id(16)
    store.post("traces", spans("orders", span(trace_id, new_id(8), new_id(8))))

    result = pharos("trace", trace_id, "--json", "--wait", "0.3")

    assert result.code == 0
    assert result.json["correlation_id"] == ""
    assert result.json["traces"][0]["complete"] is False
    assert "incomplete" in result.err
    assert "? orders" in pharos("trace", trace_id, "--wait", "0").out


def test_an_unknown_id_is_an_error_that_says_what_to_do(pharos: Pharos) -> None:
    for command in ("trace", "logs"):
        result = pharos(command, f"none-{new_id(8)}", "--wait", "0", "--json")

        assert (result.code, result.out) == (1, "")
        assert "is known for" in result.err
        assert "--wait 30" in result.err


def test_what_is_no_id_is_refused(pharos: Pharos) -> None:
    assert "no correlation, trace or order ID" in pharos("trace", '"} or x').err


def test_without_a_system_it_says_how_to_start_one(pharos: Pharos, tmp_path: Path) -> None:
    for command in ("trace", "logs"):
        result = pharos(command, "abcdefgh", state=tmp_path)

        assert result.code == 1
        assert "./just up" in result.err
