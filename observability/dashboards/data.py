"""The services' databases: statements, failures, connections."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, number, timeline
from tables import Column, grid

TIME = "db_client_operation_duration_seconds"
FAILURES = "db_client_operation_failures_total"
SERIES = [links.to_service(), links.traces(), links.logs()]
ROW = [links.to_service(links.ROW_SERVICE), links.traces(links.ROW_SERVICE), links.logs(links.ROW_SERVICE)]
POOL = [links.runbook("DatabasePoolExhausted")]
USED = 'db_client_connection_state="used"'


def data() -> Board:
    """The dashboard of databases."""
    return board(
        "data",
        "Data",
        "SQL statements by service, table and operation, their duration and failures, and the connection pools.",
        [
            Section("", [*_statements(), *_limits()]),
            Section("Statements", [panel.span(8).height(8) for panel in [*_by_service(), _failures()]]),
            Section("Where the time goes", [panel.span(12).height(8) for panel in _shares()]),
            Section("", [_table().span(24).height(10)]),
            Section("Connections", [panel.span(12).height(7) for panel in _pools()]),
        ],
        variables=[services(having="db_client_connection_max")],
    )


def _statements() -> list[stat.Panel]:
    return [
        number(
            "Statements",
            "SQL statements a second of the chosen services. Far more for each request than before is a loop over "
            "single rows.",
            look.EVENTS,
            q.or_nought(q.rate(f"{TIME}_count", q.CHOSEN)),
            decimals=1,
        ),
        number(
            "Failures",
            "Statements that failed in this range. Broken unique constraints are how repetitions are noticed; "
            "timeouts and lost connections are faults.",
            look.COUNT,
            q.or_nought(q.increase(FAILURES, q.CHOSEN)),
            limits=((1, look.WARNING), (100, look.BAD)),
            decimals=0,
        ),
        *(
            number(
                f"p{name}",
                f"{text} statements end within this time. When it rises see below whether one table or the whole "
                "server is slow.",
                look.SECONDS,
                q.quantile(share, TIME, q.CHOSEN),
                limits=((0.1, look.WARNING), (0.5, look.BAD)),
            )
            for share, name, text in ((0.95, "95", "Nineteen of twenty"), (0.99, "99", "Ninety-nine of a hundred"))
        ),
    ]


def _limits() -> list[stat.Panel]:
    used = f"sum by (service) (db_client_connection_count{{{q.CHOSEN}, {USED}}})"
    allowed = f"sum by (service) (db_client_connection_max{{{q.CHOSEN}}})"
    return [
        number(
            "Fullest pool",
            "Share of its connections that the busiest service uses. At 100 % its requests wait for one.",
            look.SHARE,
            q.or_nought(f"max({used} / {allowed})"),
            limits=look.FULL,
            decimals=0,
            links=POOL,
        ),
        number(
            "Connections in use",
            "Connections that run a statement or a transaction now. High without many statements: transactions are "
            "kept open.",
            look.COUNT,
            q.or_nought(f"sum({used})"),
            decimals=0,
            links=POOL,
        ),
        number(
            "Connections open",
            "Connections of all pools, used and idle. The server allows a fixed number for all services together.",
            look.COUNT,
            q.or_nought(f"sum(db_client_connection_count{{{q.CHOSEN}}})"),
            decimals=0,
            links=POOL,
        ),
        number(
            "Database time",
            "Seconds of database work in each second, over all chosen services. It is how many statements run at "
            "once on average.",
            look.SECONDS,
            q.or_nought(q.rate(f"{TIME}_sum", q.CHOSEN)),
            decimals=2,
        ),
    ]


def _by_service() -> list[timeseries.Panel]:
    return [
        timeline(
            "Statements by service",
            "SQL statements a second. It should follow the service's requests; more of them alone is a change in its "
            "code.",
            look.EVENTS,
            Q(q.or_zero(q.rate(f"{TIME}_count", q.CHOSEN, by="service")), "{{service}}"),
            links=SERIES,
        ),
        timeline(
            "p95 by service",
            "Nineteen of twenty statements end within this time. All services together: the server is busy; one: its "
            "tables or its locks.",
            look.SECONDS,
            Q(q.quantile(0.95, TIME, q.CHOSEN, by="service"), "{{service}}", exemplar=True),
            links=SERIES,
        ),
    ]


def _failures() -> timeseries.Panel:
    failed = q.rate(FAILURES, q.CHOSEN, by="service, error_type")
    return timeline(
        "Failed statements",
        "Statements a second that failed, by service and kind. UniqueViolationError is how repetitions are noticed; "
        "the others are faults: read the service's log.",
        look.EVENTS,
        Q(q.or_none(failed, "error_type"), "{{service}} {{error_type}}"),
        links=[links.to_service(), links.traces(failed=True), links.logs(failed=True)],
    )


def _shares() -> list[timeseries.Panel]:
    by = "service, db_collection_name"
    return [
        timeline(
            "Time by table",
            "Seconds of database work in each second, by table. The widest band is where an index or a smaller "
            "statement helps most.",
            look.SECONDS,
            Q(q.or_none(q.rate(f"{TIME}_sum", q.CHOSEN, by=by), "service"), "{{service}} {{db_collection_name}}"),
            links=SERIES,
            stacked=True,
        ),
        timeline(
            "Statements by operation",
            "SQL statements a second by kind. Many BEGIN and COMMIT with little between them are transactions that "
            "do nothing.",
            look.EVENTS,
            Q(
                q.or_none(q.rate(f"{TIME}_count", q.CHOSEN, by="db_operation_name"), "db_operation_name"),
                "{{db_operation_name}}",
            ),
            stacked=True,
        ),
    ]


def _table() -> table.Panel:
    keys = "db_operation_name, db_collection_name, service"
    count, total = q.rate(f"{TIME}_count", q.CHOSEN, by=keys), q.rate(f"{TIME}_sum", q.CHOSEN, by=keys)
    return grid(
        "Statements",
        "Each kind of statement, newest values; without a table it belongs to a transaction. Sort by time to see "
        "what is worth improving, by p95 to see what is slow.",
        {"service": "Service", "db_collection_name": "Table", "db_operation_name": "Operation"},
        [
            Column("Statements", count, look.EVENTS, 2),
            Column("Time", total, look.SECONDS, 3),
            Column("Mean", f"{total} / {count}", look.SECONDS),
            Column("p95", q.quantile(0.95, TIME, q.CHOSEN, by=keys), look.SECONDS, limits=((0.1, look.WARNING),)),
        ],
        links=ROW,
        sort="Time",
    )


def _pools() -> list[timeseries.Panel]:
    used = f"sum by (service, instance) (db_client_connection_count{{{q.CHOSEN}, {USED}}})"
    allowed = f"sum by (service, instance) (db_client_connection_max{{{q.CHOSEN}}})"
    return [
        timeline(
            "Pool in use",
            "Share of its connections that each replica uses. At 100 % its requests wait: look for slow statements "
            "and open transactions.",
            look.SHARE,
            Q(f"{used} / {allowed}", "{{service}} {{instance}}"),
            limits=((0.9, look.BAD),),
            links=[*POOL, *SERIES],
        ),
        timeline(
            "Connections",
            "Connections of each service by state. Idle ones cost the server memory; used ones that do not fall in "
            "quiet times are leaked.",
            look.COUNT,
            Q(
                f"sum by (service, db_client_connection_state) (db_client_connection_count{{{q.CHOSEN}}})",
                "{{service}} {{db_client_connection_state}}",
            ),
            links=[*POOL, *SERIES],
            decimals=0,
        ),
    ]
