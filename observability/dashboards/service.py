"""One service in depth: what it is asked, what it waits for, what it uses."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, number, timeline
from service_dependencies import breakers, calls_held_back, dependencies
from service_runtime import admission, replicas, runtime, saturation
from tables import Column, grid

ONE = 'service="$service"'
HERE = links.CHOSEN_SERVICE
OPEN = [links.traces(HERE), links.logs(HERE)]
FAILED = [links.traces(HERE, failed=True), links.logs(HERE, failed=True)]
NO_ROUTE = '"http_route", "no route", "http_route", ""'
"""Requests that matched no route have no label `http_route`; what shows them needs a name."""


def service() -> Board:
    """The dashboard of the service picked at its top."""
    return board(
        "service",
        "Service",
        "One service in depth: requests by route, saturation, dependencies, breakers, runtime.",
        [
            Section("", [*_health(), *_budget(), *_work()]),
            Section(
                "Requests",
                [*(panel.span(12).height(8) for panel in [*_requests(), *_latencies()]), _routes().span(24).height(9)],
            ),
            Section("Saturation", [panel.span(6).height(7) for panel in saturation()]),
            Section("Admission", [panel.span(6).height(7) for panel in admission()]),
            Section("Dependencies", [panel.span(8).height(7) for panel in dependencies()]),
            Section("Circuit breakers", [panel.span(8).height(7) for panel in breakers()]),
            Section("Calls held back", [panel.span(6).height(7) for panel in calls_held_back()]),
            Section("Replicas and runtime", [replicas().span(24).height(6), *runtime()]),
        ],
        variables=[services(current="orders")],
    )


def _health() -> list[stat.Panel]:
    return [
        number(
            "Replicas up",
            "Replicas that answer. 0 means that nobody is served: read the end of the service's log.",
            look.COUNT,
            q.or_nought(f"sum(up{{{ONE}}})"),
            limits=((1, look.GOOD),),
            lowest=look.BAD,
            decimals=0,
            links=[links.runbook("ServiceDown"), links.logs(HERE)],
        ),
        number(
            "Restarts",
            "Times that a replica was started anew in this range. Three within minutes are a crash loop: the last "
            "lines before each start say why.",
            look.COUNT,
            q.or_nought(f"sum({q.restarts(ONE)})"),
            limits=look.RESTARTED,
            decimals=0,
            links=[links.board("Recovery", "recovery", HERE), links.runbook("CrashLoop")],
        ),
        number(
            "Running for",
            "Age of the youngest replica. Short without a deployment means that something was restarted.",
            look.SECONDS,
            q.or_nought(f"time() - max(process_start_time_seconds{{{ONE}}})"),
            decimals=0,
            links=[links.board("Recovery", "recovery", HERE)],
        ),
    ]


def _budget() -> list[stat.Panel]:
    return [
        number(
            "Least error budget",
            "The smallest error budget left of the service's promises. At 0 % one is broken: hold changes and find "
            "what spends it.",
            look.SHARE,
            q.or_nought(f"min(slo:error_budget:remaining_ratio{{{ONE}}})"),
            limits=look.BUDGET,
            lowest=look.BAD,
            decimals=1,
            links=[links.board("Error budgets", "slo-${service}"), links.runbook("ErrorBudgetBurn")],
        ),
    ]


def _work() -> list[stat.Panel]:
    return [
        number(
            "Requests",
            "Requests a second, without probes. 0 while others are busy means that nobody reaches the service.",
            look.PER_SECOND,
            q.or_nought(q.rate(f"{q.REQUESTS}_count", ONE, q.WORK)),
            decimals=1,
            links=OPEN,
        ),
        number(
            "Errors",
            "Share of requests answered with a 5xx status. Above 1 % open the failed traces: the deepest span that "
            "failed is the cause.",
            look.SHARE,
            q.or_nought(q.share_failed(ONE, by="")),
            limits=look.ERRORS,
            decimals=2,
            links=FAILED,
        ),
        *(
            number(
                f"p{name} latency",
                f"{text} requests are answered within this time. When it rises, see below whether a route, a "
                "dependency or the event loop is slow.",
                look.SECONDS,
                q.quantile(share, q.REQUESTS, ONE, q.WORK),
                limits=look.LATENCY,
                links=OPEN,
            )
            for share, name, text in ((0.5, "50", "Half of all"), (0.99, "99", "Ninety-nine of a hundred"))
        ),
    ]


def _requests() -> list[timeseries.Panel]:
    count = f"{q.REQUESTS}_count"
    by_status = q.rate(count, ONE, q.WORK, by="http_response_status_code")
    failed = q.rate(count, ONE, q.WORK, q.FAILED, by="http_route, http_response_status_code")
    return [
        timeline(
            "Requests by status",
            "Requests a second by the status of the answer. 5xx are our faults, 4xx the callers', 499 callers who "
            "left before the answer: many of those mean that we are too slow.",
            look.PER_SECOND,
            Q(q.or_none(by_status, "http_response_status_code"), "{{http_response_status_code}}"),
            links=OPEN,
            stacked=True,
        ),
        timeline(
            "Failures by route",
            "Answers with a 5xx status a second. Any line that stays above 0 is a fault: open the failed traces.",
            look.PER_SECOND,
            Q(q.or_none(failed, "http_route"), "{{http_route}} {{http_response_status_code}}"),
            links=FAILED,
        ),
    ]


def _latencies() -> list[timeseries.Panel]:
    return [
        timeline(
            "Latency",
            "Time to the end of the answer; the dots are single requests and lead to their traces. p99 far above p50 "
            "is a few slow requests, all three rising is a slow dependency or too little CPU.",
            look.SECONDS,
            *(
                Q(q.quantile(share, q.REQUESTS, ONE, q.WORK), name, exemplar=name == "p99", color=color)
                for share, name, color in ((0.5, "p50", "green"), (0.95, "p95", "blue"), (0.99, "p99", "purple"))
            ),
            links=OPEN,
        ),
        timeline(
            "p95 latency by route",
            "Nineteen of twenty requests of a route are answered within this time. One line above the others is the "
            "route to look into.",
            look.SECONDS,
            Q(
                f"label_replace({q.quantile(0.95, q.REQUESTS, ONE, q.WORK, by='http_route')}, {NO_ROUTE})",
                "{{http_route}}",
                exemplar=True,
            ),
            links=OPEN,
        ),
    ]


def _routes() -> table.Panel:
    """RED of each route."""
    keys, count = "http_route, http_request_method", f"{q.REQUESTS}_count"
    requests = q.or_none(q.rate(count, ONE, q.WORK, by=keys), "http_route")
    errors = q.or_none(q.share_failed(ONE, by=keys), "http_route")

    def quantile(share: float) -> str:
        return named(q.quantile(share, q.REQUESTS, ONE, q.WORK, by=keys))

    def named(expression: str) -> str:
        return f"label_replace({expression}, {NO_ROUTE})"

    return grid(
        "Routes",
        "Requests, errors and latency of each route, newest values; idle routes have no latency. Sort by what hurts.",
        {"http_route": "Route", "http_request_method": "Method"},
        [
            Column("Requests", named(requests), look.PER_SECOND, 2),
            Column("Errors", named(errors), look.SHARE, 2, look.ERRORS),
            Column("p50", quantile(0.5), look.SECONDS),
            Column("p95", quantile(0.95), look.SECONDS, limits=look.LATENCY),
            Column("p99", quantile(0.99), look.SECONDS),
        ],
        links=OPEN,
        sort="Requests",
    )
