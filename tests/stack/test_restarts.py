"""Backends restarted under load: what was acknowledged is there afterwards, and what was there before still is."""

import asyncio
import time

import pytest

from stack.conftest import Run, all_traces_whole, confirmed, place_orders
from support.follow import SERVICES
from support.stack import Stack
from testkit import wait_until

RATE = 6
SECONDS = 25


@pytest.mark.parametrize("backend", ["collector", "jaeger", "loki"])
async def test_a_restart_under_load_loses_no_span_and_no_line(stack: Stack, orders: Run, backend: str) -> None:
    began = time.time_ns()
    load = asyncio.create_task(asyncio.to_thread(place_orders, stack, RATE * SECONDS, RATE))

    def under_way() -> bool:
        if load.done():
            load.result()
        return _orders_since(stack, began) > RATE

    await wait_until(under_way, timeout=30, interval=0.5, what="the first orders")
    await asyncio.to_thread(stack.compose, "restart", backend)
    placed: list[str] = (await load)["correlation_ids"]

    assert len(placed) > RATE * SECONDS / 2
    await all_traces_whole(stack, placed)
    await wait_until(
        lambda: not _without_lines(stack, placed, began), timeout=60, interval=2, what="log lines of each order"
    )
    assert stack.value("sum(telemetry_items_dropped_total)") == 0
    assert stack.faults(orders.correlation_ids[:20], time.time_ns()) == {}


async def test_prometheus_keeps_what_it_scraped_over_a_restart(stack: Stack, orders: Run) -> None:
    counted = "sum(max_over_time(orders_placed_total[1h]))"
    before = stack.value(counted)
    await asyncio.to_thread(stack.compose, "restart", "prometheus")
    after = await wait_until(lambda: _value_or_none(stack, counted), timeout=60, interval=1, what="Prometheus")
    assert after >= before >= len(orders.correlation_ids)


async def test_a_service_that_is_killed_comes_back_and_its_orders_end(stack: Stack, orders: Run) -> None:
    assert orders.correlation_ids
    stack.compose("kill", "--signal", "KILL", "payments")
    order = await wait_until(lambda: confirmed(stack), timeout=60, interval=1, what="an order that is confirmed")
    assert order


async def test_down_and_up_keep_traces_lines_and_orders(stack: Stack, orders: Run) -> None:
    wanted = orders.correlation_ids[0]
    stack.stop()
    stack.start("--docker", "--chaos", "--without", "grafana")  # the tests of chaos go on with it

    (trace,) = stack.json("trace", wanted)["traces"]
    assert trace["complete"]
    assert stack.pharos("logs", wanted).stdout
    assert stack.json("order")["status"] == "confirmed"


def test_a_service_that_was_restarted_is_found_by_the_operator_again(stack: Stack) -> None:
    stack.compose("restart", "payments")
    assert stack.json("dlq", "list", "payments") == {"dead_letters": []}


def _orders_since(stack: Stack, began_ns: int) -> int:
    lines = stack.loki.lines([("service_name", "edge")], began_ns, time.time_ns())
    return len({line.correlation_id for line in lines})


def _without_lines(stack: Stack, correlation_ids: list[str], began_ns: int) -> set[str]:
    found: dict[str, set[str]] = {}
    for line in stack.loki.lines([("service_name", service) for service in SERVICES], began_ns, time.time_ns()):
        found.setdefault(line.correlation_id, set()).add(line.service)
    return {one for one in correlation_ids if found.get(one, set()) != SERVICES}


def _value_or_none(stack: Stack, expression: str) -> float | None:
    try:
        return stack.value(expression)
    except OSError:
        return None
