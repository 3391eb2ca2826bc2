"""The way of spans and log lines: made, delivered, lost, and received."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from panels import Q, number, timeline
from tables import Column, grid
from telemetry_receiver import receiver

PRODUCED, DELIVERED, DROPPED = (f"telemetry_items_{what}_total" for what in ("produced", "delivered", "dropped"))
QUEUED = "telemetry_items_queued"
SPANS, LINES = 'signal="traces"', 'signal="logs"'
WANTED = 'reason!="disabled"'
"""What was to be sent; a part whose telemetry is switched off drops it on purpose."""
SERIES = [links.to_service(), links.logs()]
ROW = [links.to_service(links.ROW_SERVICE), links.logs(links.ROW_SERVICE)]
LOST = [links.runbook("TelemetryLost")]
BACKLOG = [links.runbook("TelemetryBacklog")]


def telemetry() -> Board:
    """The dashboard of the pipeline."""
    return board(
        "telemetry",
        "Telemetry",
        "Spans and log lines: produced, delivered, dropped by reason, queued, and what the receiver has of them.",
        [
            Section("", [*_losses(), *_unaccounted(), *_flow(), _services().span(24).height(9)]),
            Section("Sent by the services", [panel.span(12).height(8) for panel in [*_sent(), *_waiting()]]),
            Section("Received", [panel.span(6).height(7) for panel in receiver()]),
        ],
        variables=[services()],
    )


def _losses() -> list[stat.Panel]:
    return [
        number(
            "Spans lost",
            "Spans dropped in this range. Above 0 some traces have holes: the reason below tells whether the backend "
            "refused them or a queue was full.",
            look.COUNT,
            q.or_nought(q.increase(DROPPED, q.CHOSEN, SPANS, WANTED)),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=LOST,
        ),
        number(
            "Log lines lost",
            "Log lines dropped in this range on their way to the backend. Above 0 see the reason below; standard "
            "output may still have them.",
            look.COUNT,
            q.or_nought(q.increase(DROPPED, q.CHOSEN, LINES, WANTED)),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=LOST,
        ),
        number(
            "Lines not printed",
            "Log lines in this range that standard output did not take. They were still exported: look for whoever "
            "reads the output too slowly.",
            look.COUNT,
            q.or_nought(q.increase("log_lines_lost_total", q.CHOSEN)),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=LOST,
        ),
    ]


def _unaccounted() -> list[stat.Panel]:
    return [
        number(
            "Unaccounted",
            "Produced less delivered, dropped and queued, of the processes that run. It is always 0; anything else "
            "is a defect of the accounting itself.",
            look.COUNT,
            q.or_nought(f"abs({_balance()})"),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=LOST,
        ),
    ]


def _balance() -> str:
    terms = [f"sum({name}{q.selector(q.CHOSEN)})" for name in (PRODUCED, DELIVERED, DROPPED, QUEUED)]
    return " - ".join(terms)


def _flow() -> list[stat.Panel]:
    return [
        number(
            "Spans",
            "Spans made a second. It follows the requests; 0 while there are requests means that nothing is recorded.",
            look.EVENTS,
            q.or_nought(q.rate(PRODUCED, q.CHOSEN, SPANS)),
            decimals=1,
        ),
        number(
            "Log lines",
            "Log lines made a second. A jump without more requests is something that goes wrong again and again.",
            look.EVENTS,
            q.or_nought(q.rate(PRODUCED, q.CHOSEN, LINES)),
            decimals=1,
        ),
        number(
            "Queued",
            "Spans and log lines waiting in the services. Each process keeps 32,768 of a signal; growth means that "
            "the backend does not take them.",
            look.COUNT,
            q.or_nought(f"sum({QUEUED}{q.selector(q.CHOSEN)})"),
            limits=((8192, look.WARNING), (32768, look.BAD)),
            decimals=0,
            links=BACKLOG,
        ),
        number(
            "Received",
            "Spans and log lines a second that the receiver took: the Collector, or lens without containers. It "
            "equals what is delivered from all parts.",
            look.EVENTS,
            q.or_nought(
                f"{q.rate('lens_records_ingested_total')}\nor "
                f"sum(rate(otelcol_receiver_accepted_spans_total[{q.RATE}])) + "
                f"sum(rate(otelcol_receiver_accepted_log_records_total[{q.RATE}]))"
            ),
            decimals=1,
            links=BACKLOG,
        ),
    ]


def _services() -> table.Panel:
    dropped = q.increase(DROPPED, q.CHOSEN, WANTED, by="service")
    return grid(
        "Services",
        "Spans and log lines of each service together, newest rates; losses of the whole range. A service that makes "
        "none does not record, one whose queue grows is not heard.",
        {"service": "Service"},
        [
            Column("Produced", q.or_zero(q.rate(PRODUCED, q.CHOSEN, by="service")), look.EVENTS, 1),
            Column("Delivered", q.or_zero(q.rate(DELIVERED, q.CHOSEN, by="service")), look.EVENTS, 1),
            Column("Lost", q.or_zero(dropped), decimals=0, limits=look.NONE_IS_GOOD),
            Column(
                "Queued",
                f"sum by (service) ({QUEUED}{q.selector(q.CHOSEN)})",
                decimals=0,
                limits=((8192, look.WARNING), (32768, look.BAD)),
            ),
            Column("Queued bytes", f"sum by (service) (telemetry_queued_bytes{q.selector(q.CHOSEN)})", look.BYTES, 0),
        ],
        links=ROW,
        sort="Service",
        descending=False,
    )


def _sent() -> list[timeseries.Panel]:
    dropped = q.rate(DROPPED, q.CHOSEN, WANTED, by="service, signal, reason")
    return [
        timeline(
            "Produced and delivered",
            "Spans and log lines a second, made and accepted by the receiver. The lines lie on each other; a gap "
            "that stays is a receiver that does not keep up.",
            look.EVENTS,
            Q(q.or_none(q.rate(PRODUCED, q.CHOSEN, by="signal"), "signal"), "{{signal}} produced"),
            Q(q.or_none(q.rate(DELIVERED, q.CHOSEN, by="signal"), "signal"), "{{signal}} delivered"),
            links=BACKLOG,
        ),
        timeline(
            "Dropped by reason",
            "Spans and log lines a second that are lost. queue_full: the receiver was away too long; refused and "
            "partial_success: it did not like them; shutdown: a process ended before they were sent.",
            look.EVENTS,
            Q(q.or_none(f"{dropped} > 0", "reason"), "{{service}} {{signal}} {{reason}}"),
            links=[*LOST, *SERIES],
        ),
    ]


def _waiting() -> list[timeseries.Panel]:
    return [
        timeline(
            "Queued items by service",
            "Spans and log lines waiting or on their way. At 32,768 of one signal in a process new ones are dropped.",
            look.COUNT,
            Q(f"sum by (service, signal) ({QUEUED}{q.selector(q.CHOSEN)})", "{{service}} {{signal}}"),
            links=[*BACKLOG, *SERIES],
            decimals=0,
        ),
        timeline(
            "Queued bytes by service",
            "Size of what waits. It is memory of the service: what piles up here is missing there.",
            look.BYTES,
            Q(f"sum by (service) (telemetry_queued_bytes{q.selector(q.CHOSEN)})", "{{service}}"),
            links=[*BACKLOG, *SERIES],
        ),
    ]
