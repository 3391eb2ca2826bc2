"""A thousand orders, followed in the real backends."""

import time
from collections import defaultdict

from pharos.telemetry.model import LogLine
from stack.conftest import ORDERS, Run
from support.follow import SERVICES
from support.stack import DAY_NS, Stack

SAMPLE = 25


def test_each_order_is_one_whole_trace_in_jaeger_found_by_its_correlation_id(stack: Stack, orders: Run) -> None:
    assert len(set(orders.correlation_ids)) == ORDERS
    assert stack.faults(orders.correlation_ids, time.time_ns()) == {}


def test_each_order_has_log_lines_of_every_service_in_loki_under_its_trace(stack: Stack, orders: Run) -> None:
    lines = stack.loki.lines([("service_name", service) for service in SERVICES], _ns(orders.began), _ns(time.time()))

    of_order: dict[str, list[LogLine]] = defaultdict(list)
    for line in lines:
        of_order[line.correlation_id].append(line)
    for correlation_id in orders.correlation_ids:
        found = of_order[correlation_id]
        assert {line.service for line in found} == SERVICES
        assert len({line.trace_id for line in found}) == 1
        assert all(line.span_id for line in found)


def test_the_lines_of_one_trace_are_those_of_its_correlation_id(stack: Stack, orders: Run) -> None:
    now = time.time_ns()
    for correlation_id in orders.correlation_ids[:: ORDERS // SAMPLE]:
        (trace,) = stack.traces_of(correlation_id, now)
        by_trace = stack.loki.lines([("trace_id", trace.trace_id)], now - DAY_NS, now + DAY_NS)
        by_correlation = stack.loki.lines([("correlation_id", correlation_id)], now - DAY_NS, now + DAY_NS)
        assert by_trace == by_correlation
        assert by_trace


def test_a_line_leads_to_the_span_it_was_written_in(stack: Stack, orders: Run) -> None:
    now = time.time_ns()
    (trace,) = stack.traces_of(orders.correlation_ids[0], now)
    lines = stack.loki.lines([("trace_id", trace.trace_id)], now - DAY_NS, now + DAY_NS)
    spans = {(span.service, span.span_id) for span in trace.spans}
    assert {(line.service, line.span_id) for line in lines} <= spans


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
