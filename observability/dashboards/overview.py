"""The overview: whether all is well, and if not, where to look."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, number, timeline
from tables import Column, grid

EDGE = 'service="edge"'
ROW = [links.to_service(links.ROW_SERVICE), links.traces(links.ROW_SERVICE), links.logs(links.ROW_SERVICE)]
SERIES = [links.to_service(), links.traces(), links.logs()]
DOWN = '((max by (service) (up) == 0) or (max by (service) (service:owner:info{mode="any"}) unless on (service) up))'
"""Services and backends that do not answer, and services that should be there and are unknown."""
FIRING = 'ALERTS{alertstate="firing"}'


def overview() -> Board:
    """The first page."""
    return board(
        "overview",
        "Overview",
        "Golden signals of every service, what is unhealthy, and what was restarted.",
        [
            Section("", [*_health(), *_work(), _services().span(24).height(9)]),
            Section("Golden signals", [panel.span(12).height(8) for panel in [*_traffic(), *_latency()]]),
            Section("Saturation", [panel.span(6).height(7) for panel in [*_saturation(), *_resources()]]),
            Section(
                "Health and recoveries", [_alerts().span(12).height(8), _parts().span(12).height(8), *_recoveries()]
            ),
        ],
        variables=[services()],
    )


def _health() -> list[stat.Panel]:
    return [
        number(
            "Parts down",
            "Services and backends of which no replica answers. Above 0 somebody is not served: find the part in the "
            "table of parts below, then read the end of its log.",
            look.COUNT,
            q.or_nought(f"count({DOWN})"),
            limits=look.NONE_IS_GOOD,
            links=[links.runbook("ServiceDown"), links.board("Recovery", "recovery")],
        ),
        number(
            "Alerts firing",
            "Alerts that fire now. Above 0 read them in the table below; each names its owner and has a runbook.",
            look.COUNT,
            q.or_nought(f"count({FIRING})"),
            limits=look.NONE_IS_GOOD,
        ),
        number(
            "Recoveries",
            "Processes started anew in this range. Some after a fault are the system healing itself; the same one "
            "again and again is a crash loop: the recovery dashboard shows which.",
            look.COUNT,
            q.or_nought(f"sum({q.restarts(q.CHOSEN)})"),
            limits=look.RESTARTED,
            decimals=0,
            links=[links.board("Recovery", "recovery"), links.runbook("CrashLoop")],
        ),
        number(
            "Least error budget",
            "The smallest error budget left of all promises. At 0 % a promise is broken: hold changes to that "
            "service and find what spends it.",
            look.SHARE,
            q.or_nought(f"min(slo:error_budget:remaining_ratio{{{q.CHOSEN}}})"),
            limits=look.BUDGET,
            lowest=look.BAD,
            decimals=1,
            links=[links.runbook("ErrorBudgetBurn")],
        ),
    ]


def _work() -> list[stat.Panel]:
    return [
        number(
            "Requests",
            "Requests a second at the public port, without probes. A sudden fall to 0 means that callers do not "
            "reach us.",
            look.PER_SECOND,
            q.or_nought(q.rate(f"{q.REQUESTS}_count", EDGE, q.WORK)),
            decimals=1,
            links=[links.traces("edge")],
        ),
        number(
            "Errors",
            "Share of requests at the public port answered with a 5xx status. Above 1 % customers notice: the table "
            "below shows which service fails.",
            look.SHARE,
            q.or_nought(q.share_failed(EDGE, by="")),
            limits=look.ERRORS,
            decimals=2,
            links=[links.traces("edge", failed=True), links.logs("edge", failed=True)],
        ),
        number(
            "p95 latency",
            "Nineteen of twenty requests at the public port are answered within this time. Above 1 s compare the p95 "
            "of the services below: the last in the chain that is slow is the cause.",
            look.SECONDS,
            q.quantile(0.95, q.REQUESTS, EDGE, q.WORK),
            limits=look.LATENCY,
            links=[links.traces("edge")],
        ),
        number(
            "Orders",
            "Orders placed a minute. It follows what customers do; 0 while requests arrive is a fault: see the sagas.",
            look.COUNT,
            q.or_nought(f"60 * {q.rate('orders_placed_total')}"),
            decimals=1,
            links=[links.board("Orders", "orders")],
        ),
    ]


def _services() -> table.Panel:
    """The golden signals, a row for each service."""
    work = [q.CHOSEN, q.WORK]
    return grid(
        "Services",
        "Golden signals of each service, newest values. Look for colour: orange and red are what needs you. A "
        "service leads to its dashboard, traces and log.",
        {"service": "Service"},
        [
            Column("Up", f"sum by (service) (up{{{q.CHOSEN}}})", limits=((1, look.GOOD),), lowest=look.BAD, decimals=0),
            Column("Requests", q.or_zero(q.rate(f"{q.REQUESTS}_count", *work, by="service")), look.PER_SECOND, 1),
            Column("Errors", q.or_zero(q.share_failed(q.CHOSEN)), look.SHARE, 2, look.ERRORS),
            Column("p50", q.quantile(0.5, q.REQUESTS, *work, by="service"), look.SECONDS),
            Column("p95", q.quantile(0.95, q.REQUESTS, *work, by="service"), look.SECONDS, limits=look.LATENCY),
            Column("p99", q.quantile(0.99, q.REQUESTS, *work, by="service"), look.SECONDS),
            Column(
                "Loop lag", f"max by (service) (event_loop_lag_last_seconds{{{q.CHOSEN}}})", look.SECONDS, 3, look.LAG
            ),
            Column("Restarts", q.or_zero(q.restarts(q.CHOSEN)), decimals=0, limits=look.RESTARTED),
            Column(
                "Budget left",
                f"min by (service) (slo:error_budget:remaining_ratio{{{q.CHOSEN}}})",
                look.SHARE,
                1,
                look.BUDGET,
                look.BAD,
            ),
        ],
        links=ROW,
        sort="Service",
        descending=False,
    )


def _traffic() -> list[timeseries.Panel]:
    return [
        timeline(
            "Requests by service",
            "Requests a second that each service answered, without probes. A line that ends or falls to 0 alone is a "
            "service nobody reaches; all at once is the edge.",
            look.PER_SECOND,
            Q(q.or_zero(q.rate(f"{q.REQUESTS}_count", q.CHOSEN, q.WORK, by="service")), "{{service}}"),
            links=SERIES,
        ),
        timeline(
            "Errors by service",
            "Share of each service's requests answered with a 5xx status. Above the line at 1 % its budget burns "
            "fast: open the failed traces of the service.",
            look.SHARE,
            Q(q.or_zero(q.share_failed(q.CHOSEN)), "{{service}}"),
            limits=((0.01, look.BAD),),
            links=[links.to_service(), links.traces(failed=True), links.logs(failed=True)],
        ),
    ]


def _latency() -> list[timeseries.Panel]:
    return [
        timeline(
            f"p{share:.0%}".rstrip("%") + " latency by service",
            f"{text} of each service's requests are answered within this time; the dots are single requests and lead "
            "to their traces. When several rise together, the one that others wait for is the cause.",
            look.SECONDS,
            Q(q.quantile(share, q.REQUESTS, q.CHOSEN, q.WORK, by="service"), "{{service}}", exemplar=True),
            links=SERIES,
        )
        for share, text in ((0.95, "Nineteen of twenty"), (0.99, "Ninety-nine of a hundred"))
    ]


def _saturation() -> list[timeseries.Panel]:
    return [
        timeline(
            "Event-loop lag",
            "How late the event loop of the slowest replica ran a timer. Above 0.1 s something blocks it and every "
            "request waits: look for CPU work in that service.",
            look.SECONDS,
            Q(f"max by (service) (event_loop_lag_last_seconds{{{q.CHOSEN}}})", "{{service}}"),
            limits=((0.1, look.WARNING),),
            links=[links.to_service(), links.runbook("EventLoopLag")],
        ),
        timeline(
            "Active requests",
            "Requests being served at once. Growth without more traffic means that something they wait for is slow: "
            "see the dependencies of the service.",
            look.COUNT,
            Q(f"sum by (service) (http_server_active_requests{{{q.CHOSEN}}})", "{{service}}"),
            links=SERIES,
            decimals=0,
        ),
    ]


def _resources() -> list[timeseries.Panel]:
    return [
        timeline(
            "CPU",
            "Cores in use by all replicas of a service; one replica can use one. Near 1 for each replica it needs "
            "more replicas.",
            look.CORES,
            Q(q.rate("process_cpu_seconds_total", q.CHOSEN, by="service"), "{{service}}"),
            links=SERIES,
        ),
        timeline(
            "Memory",
            "Resident memory of all replicas of a service. A line that only rises is a leak and ends in a restart.",
            look.BYTES,
            Q(f"sum by (service) (process_resident_memory_bytes{{{q.CHOSEN}}})", "{{service}}"),
            links=SERIES,
        ),
    ]


def _alerts() -> table.Panel:
    return grid(
        "Alerts firing",
        "What fires now, and who answers for it. Pages need somebody at once, tickets within days; the list of "
        "runbooks is at the top of this page.",
        {"service": "Service", "alertname": "Alert", "severity": "Severity", "owner": "Owner"},
        [
            Column(
                "Alerts",
                q.or_none(f"count by (service, alertname, severity, owner) ({FIRING})", "alertname"),
                decimals=0,
            )
        ],
        links=ROW,
        sort="Alert",
        descending=False,
    )


def _parts() -> table.Panel:
    return grid(
        "Parts",
        "Everything that Prometheus asks, services and backends: replicas that answer, of how many. Less than all "
        "for minutes means that one does not come back.",
        {"service": "Service"},
        [
            Column("Up", "sum by (service) (up)", decimals=0, limits=((1, look.GOOD),), lowest=look.BAD),
            Column("Of", "count by (service) (up)", decimals=0),
            Column("Youngest since", "time() - max by (service) (process_start_time_seconds)", look.SECONDS, 0),
        ],
        links=[links.board("Recovery", "recovery", links.ROW_SERVICE), *ROW],
        sort="Up",
        descending=False,
    )


def _recoveries() -> list[timeseries.Panel]:
    return [
        timeline(
            "Replicas up",
            "Replicas of each service that answer. A step down that comes back within seconds is a recovery; one "
            "that stays is a replica that cannot start: read its log.",
            look.COUNT,
            Q(f"sum by (service) (up{{{q.CHOSEN}}})", "{{service}}"),
            links=[links.board("Recovery", "recovery", links.SERIES_SERVICE), *SERIES],
            stepped=True,
            decimals=0,
        )
        .span(12)
        .height(7),
        timeline(
            "Restarts",
            "Processes started anew, a bar for each minute or longer. One bar is a recovery, a row of them of one "
            "service is a crash loop.",
            look.COUNT,
            Q(f"sum by (service) (changes(process_start_time_seconds{{{q.CHOSEN}}}[{q.RATE}]))", "{{service}}"),
            links=[links.board("Recovery", "recovery", links.SERIES_SERVICE), links.runbook("CrashLoop")],
            bars=True,
            stacked=True,
            decimals=0,
        )
        .span(12)
        .height(7),
    ]
