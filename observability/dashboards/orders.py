"""Orders and their sagas: what customers did, and how each order came to its end."""

import links
import look
import promql as q
from board import Board, Section, board
from grafana_foundation_sdk.builders import bargauge, stat, timeseries
from orders_around import customers, demand, effects
from panels import Q, bars, number, timeline

OWNER = "team-checkout"
OPEN = [links.to_service("orders"), links.traces("orders"), links.logs("orders")]
STUCK = [
    links.runbook("SagasStuck"),
    links.traces("orders", failed=True),
    links.logs("orders", failed=True),
]
CANCELLED = 'order_status="cancelled"'
DURATION = "orders_saga_duration_seconds"


def orders() -> Board:
    """The business at a glance."""
    return board(
        "orders",
        "Orders",
        "Orders placed, confirmed and cancelled, the sagas behind them, and what they cause in other services.",
        [
            Section("", [*_placed(), *_ends(), *_sagas(), *_troubles()]),
            Section("Orders", [*(panel.span(8).height(8) for panel in _outcomes()), _reasons().span(8).height(8)]),
            Section("Sagas", [panel.span(8).height(8) for panel in [*_durations(), _retries()]]),
            Section("Effects in other services", [panel.span(8).height(7) for panel in effects()]),
            Section("Customers", [panel.span(8).height(7) for panel in [*customers(), *demand()]]),
        ],
        owner=OWNER,
    )


def _placed() -> list[stat.Panel]:
    return [
        number(
            "Placed",
            "Orders taken in this range. It follows what customers do; none on a busy day means that they cannot "
            "order.",
            look.COUNT,
            q.or_nought(q.increase("orders_placed_total")),
            decimals=0,
            links=OPEN,
        ),
        number(
            "Confirmed",
            "Sagas that ended with a confirmed order in this range. Far below what was placed, see the open ones and "
            "the reasons of the cancelled ones.",
            look.COUNT,
            q.or_nought(q.increase("orders_finished_total", 'order_status="confirmed"')),
            decimals=0,
            links=OPEN,
        ),
    ]


def _ends() -> list[stat.Panel]:
    finished = q.increase("orders_finished_total")
    cancelled = f"({q.increase('orders_finished_total', CANCELLED)} or 0 * {finished})"
    return [
        number(
            "Cancelled",
            "Share of the sagas that ended in this range with a cancelled order. Declined cards and sold-out "
            "products are normal; a jump is not: see the reasons.",
            look.SHARE,
            q.or_nought(q.ratio(cancelled, finished)),
            limits=((0.2, look.WARNING), (0.5, look.BAD)),
            decimals=1,
            links=OPEN,
        ),
        number(
            "p95 to the end",
            "Nineteen of twenty orders are confirmed or cancelled within this time. Above 2 s customers get 202 and "
            "have to ask again: see which step is repeated.",
            look.SECONDS,
            q.quantile(0.95, DURATION),
            limits=((2, look.WARNING), (10, look.BAD)),
            links=OPEN,
        ),
    ]


def _sagas() -> list[stat.Panel]:
    return [
        number(
            "Open sagas",
            "Orders that are neither confirmed nor cancelled yet. It should fall as fast as it rises: growth means "
            "that a step does not succeed.",
            look.COUNT,
            q.or_nought("max(orders_sagas_open)"),
            limits=((50, look.WARNING), (500, look.BAD)),
            decimals=0,
            links=OPEN,
        ),
        number(
            "Stuck sagas",
            "Orders open for more than a minute past their deadline. Above 0 customers wait for an answer: the "
            "runbook says how to find the step.",
            look.COUNT,
            q.or_nought("max(orders_sagas_stuck)"),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=STUCK,
        ),
    ]


def _troubles() -> list[stat.Panel]:
    return [
        number(
            "Repeated steps",
            "Tries of a step that failed and were repeated in this range. Some after a restart are harmless; many "
            "mean that a service they need is down.",
            look.COUNT,
            q.or_nought(q.increase("orders_saga_retries_total")),
            limits=((1, look.WARNING), (100, look.BAD)),
            decimals=0,
            links=STUCK,
        ),
        number(
            "Given up by time",
            "Orders cancelled in this range because their steps took too long or failed. Above 0 it is our fault "
            "that they were not sold.",
            look.COUNT,
            q.or_nought(q.increase("orders_finished_total", 'order_reason=~"timed-out|step-failed"')),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=STUCK,
        ),
    ]


def _outcomes() -> list[timeseries.Panel]:
    confirmed, cancelled = (f'order_status="{status}"' for status in ("confirmed", "cancelled"))
    return [
        timeline(
            "Orders a minute",
            "Orders placed, and sagas ended, a minute. Placed above confirmed and cancelled together for long: sagas "
            "pile up.",
            look.COUNT,
            Q(q.or_nought(f"60 * {q.rate('orders_placed_total')}"), "placed", color=look.PLAIN),
            Q(q.or_nought(f"60 * {q.rate('orders_finished_total', confirmed)}"), "confirmed", color=look.GOOD),
            Q(q.or_nought(f"60 * {q.rate('orders_finished_total', cancelled)}"), "cancelled", color=look.WARNING),
            links=OPEN,
        ),
        timeline(
            "Cancelled by reason",
            "Cancelled orders a minute, by reason. Timed-out and step-failed are faults of ours; the others are the "
            "customer's or the stock's.",
            look.COUNT,
            Q(
                q.or_none(f"60 * {q.rate('orders_finished_total', CANCELLED, by='order_reason')}", "order_reason"),
                "{{order_reason}}",
            ),
            links=OPEN,
            stacked=True,
        ),
    ]


def _reasons() -> bargauge.Panel:
    return bars(
        "Cancelled in this range",
        "How many orders were cancelled for each reason. Timed-out and step-failed are faults of ours: open the "
        "failed traces of orders.",
        look.COUNT,
        Q(
            q.or_none(q.increase("orders_finished_total", CANCELLED, by="order_reason"), "order_reason"),
            "{{order_reason}}",
        ),
        links=[links.traces("orders", failed=True), links.logs("orders")],
        decimals=0,
    )


def _durations() -> list[timeseries.Panel]:
    by_status = q.quantile(0.95, DURATION, by="order_status")
    return [
        timeline(
            "p95 of sagas by outcome",
            "Nineteen of twenty sagas with this outcome end within this time; the dots lead to their traces. Slow "
            "confirmations point to payments or inventory.",
            look.SECONDS,
            Q(by_status, "{{order_status}}", exemplar=True),
            links=OPEN,
        ),
        timeline(
            "Open and stuck sagas",
            "Orders without an end yet, and those a minute past their deadline. Stuck above 0 needs somebody; open "
            "that only grows will become stuck.",
            look.COUNT,
            Q(q.or_nought("max(orders_sagas_open)"), "open", color=look.PLAIN),
            Q(q.or_nought("max(orders_sagas_stuck)"), "stuck", color=look.BAD),
            links=STUCK,
            decimals=0,
        ),
    ]


def _retries() -> timeseries.Panel:
    retries = q.rate("orders_saga_retries_total", by="saga_step")
    return timeline(
        "Repeated steps",
        "Tries of a step that failed and are repeated, a minute. The step tells whom to look at: verify_customer "
        "accounts, reserve and release inventory, authorise, capture, void and refund payments.",
        look.COUNT,
        Q(q.or_none(f"60 * {retries}", "saga_step"), "{{saga_step}}"),
        links=STUCK,
        stacked=True,
    )
