"""Events from outbox to effect: what waits, what is sent, what fails, what was given up."""

import links
import look
import promql as q
from board import Board, Section, board, services
from grafana_foundation_sdk.builders import stat, table, timeseries
from messaging_mail import mail
from panels import Q, number, timeline
from tables import Column, grid

DESTINATION = "messaging_destination_name"
HANDLED = "messaging_process_duration_seconds"
SENT = "messaging_client_sent_messages_total"
SERIES = [links.to_service(), links.traces(), links.logs()]
ROW = [links.to_service(links.ROW_SERVICE), links.traces(links.ROW_SERVICE), links.logs(links.ROW_SERVICE)]
LAG = [links.runbook("OutboxLag")]
AGAIN = 'messaging_outcome=~"outage|failed"'
"""Deliveries that had no effect and come again."""


def messaging() -> Board:
    """The dashboard of events."""
    return board(
        "messaging",
        "Messaging",
        "Events from the outbox through JetStream to their effect: lag, redeliveries, dead letters, processing time.",
        [
            Section("", [*_sending(), *_sent(), *_handling(), _services().span(24).height(8)]),
            Section("Outbox", [panel.span(8).height(8) for panel in _outbox()]),
            Section("Deliveries", [panel.span(12).height(8) for panel in [*_deliveries(), *_times()]]),
            Section("E-mails", [panel.span(6).height(7) for panel in mail()]),
        ],
        owner="team-messaging",
        variables=[services(having="outbox_unsent_rows")],
    )


def _sending() -> list[stat.Panel]:
    return [
        number(
            "Outbox lag",
            "Age of the oldest event that JetStream has not stored. Above a minute consumers work on old facts: see "
            "whether NATS runs and whether the service reaches it.",
            look.SECONDS,
            q.or_nought(f"max(outbox_lag_seconds{{{q.CHOSEN}}})"),
            limits=((10, look.WARNING), (60, look.BAD)),
            decimals=1,
            links=LAG,
        ),
        number(
            "Unsent events",
            "Rows of all outboxes that JetStream has not stored. A few for moments are normal; growth means that "
            "nothing is sent. Nothing is lost: the rows wait.",
            look.COUNT,
            q.or_nought(f"sum(max by (service) (outbox_unsent_rows{{{q.CHOSEN}}}))"),
            limits=((100, look.WARNING), (1000, look.BAD)),
            decimals=0,
            links=LAG,
        ),
    ]


def _sent() -> list[stat.Panel]:
    return [
        number(
            "Sent",
            "Events a second that JetStream stored. 0 while orders are placed means that the relays do not work.",
            look.EVENTS,
            q.or_nought(q.rate(SENT, q.CHOSEN, 'error_type=""')),
            decimals=1,
            links=LAG,
        ),
        number(
            "Failed sends",
            "Tries to send that JetStream did not store, in this range. They are repeated; many mean that NATS is "
            "away or full.",
            look.COUNT,
            q.or_nought(q.increase(SENT, q.CHOSEN, 'error_type!=""')),
            limits=((1, look.WARNING), (100, look.BAD)),
            decimals=0,
            links=LAG,
        ),
    ]


def _handling() -> list[stat.Panel]:
    return [
        number(
            "Handled",
            "Deliveries a second that had their effect. Below what is sent for long, a consumer is behind: see below "
            "which.",
            look.EVENTS,
            q.or_nought(q.rate(f"{HANDLED}_count", q.CHOSEN, 'messaging_outcome="done"')),
            decimals=1,
        ),
        number(
            "Redeliveries",
            "Deliveries in this range that failed and come again. Some during an outage are the design; without one "
            "a handler has a defect: read its log.",
            look.COUNT,
            q.or_nought(q.increase(f"{HANDLED}_count", q.CHOSEN, AGAIN)),
            limits=((1, look.WARNING), (100, look.BAD)),
            decimals=0,
            links=[links.runbook("DeadLetters")],
        ),
        number(
            "Dead letters",
            "Messages given up after eight tries, in all services. Above 0 something that happened has had no "
            "effect: read the reason, mend it, replay them.",
            look.COUNT,
            q.or_nought(f"sum(max by (service) (messaging_dead_letters{{{q.CHOSEN}}}))"),
            limits=look.NONE_IS_GOOD,
            decimals=0,
            links=[links.runbook("DeadLetters")],
        ),
        number(
            "p95 of handling",
            "Nineteen of twenty deliveries are handled within this time. Towards 30 s JetStream takes them for lost "
            "and delivers again.",
            look.SECONDS,
            q.quantile(0.95, HANDLED, q.CHOSEN),
            limits=((1, look.WARNING), (10, look.BAD)),
        ),
    ]


def _services() -> table.Panel:
    done = q.rate(f"{HANDLED}_count", q.CHOSEN, 'messaging_outcome="done"', by="service")
    again = q.increase(f"{HANDLED}_count", q.CHOSEN, AGAIN, by="service")
    return grid(
        "Services",
        "Sending and handling of each service, newest values; redeliveries of the whole range. Colour is what needs "
        "you.",
        {"service": "Service"},
        [
            Column("Unsent", f"max by (service) (outbox_unsent_rows{{{q.CHOSEN}}})", decimals=0),
            Column(
                "Lag",
                f"max by (service) (outbox_lag_seconds{{{q.CHOSEN}}})",
                look.SECONDS,
                1,
                ((10, look.WARNING), (60, look.BAD)),
            ),
            Column("Sent", q.or_zero(q.rate(SENT, q.CHOSEN, 'error_type=""', by="service")), look.EVENTS, 2),
            Column("Handled", q.or_zero(done), look.EVENTS, 2),
            Column("Redeliveries", q.or_zero(again), decimals=0, limits=((1, look.WARNING),)),
            Column(
                "Dead letters",
                f"max by (service) (messaging_dead_letters{{{q.CHOSEN}}})",
                decimals=0,
                limits=look.NONE_IS_GOOD,
            ),
            Column("p95 of handling", q.quantile(0.95, HANDLED, q.CHOSEN, by="service"), look.SECONDS),
        ],
        links=ROW,
        sort="Service",
        descending=False,
    )


def _outbox() -> list[timeseries.Panel]:
    sent = q.rate(SENT, q.CHOSEN, by=f"{DESTINATION}, error_type")
    return [
        timeline(
            "Outbox lag",
            "Age of the oldest event that JetStream has not stored, by service. One line is that service, all lines "
            "are NATS.",
            look.SECONDS,
            Q(f"max by (service) (outbox_lag_seconds{{{q.CHOSEN}}})", "{{service}}"),
            limits=((60, look.BAD),),
            links=[*LAG, *SERIES],
        ),
        timeline(
            "Unsent events",
            "Outbox rows that JetStream has not stored, by service. It should return to 0 at once after each peak.",
            look.COUNT,
            Q(f"max by (service) (outbox_unsent_rows{{{q.CHOSEN}}})", "{{service}}"),
            links=[*LAG, *SERIES],
            decimals=0,
        ),
        timeline(
            "Sent by event",
            "Events a second that JetStream stored, by type; failures carry their reason. A type that stops while "
            "orders go on is not published any more.",
            look.EVENTS,
            Q(q.or_none(sent, DESTINATION), "{{messaging_destination_name}} {{error_type}}"),
            links=LAG,
        ),
    ]


def _deliveries() -> list[timeseries.Panel]:
    unhappy = q.rate(
        f"{HANDLED}_count", q.CHOSEN, 'messaging_outcome=~"outage|failed|dead"', by="service, messaging_outcome"
    )
    return [
        timeline(
            "Deliveries by outcome",
            "Deliveries a second: done had their effect, duplicates none since they had one, outage and failed come "
            "again, dead are given up.",
            look.EVENTS,
            Q(
                q.or_none(q.rate(f"{HANDLED}_count", q.CHOSEN, by="messaging_outcome"), "messaging_outcome"),
                "{{messaging_outcome}}",
            ),
            stacked=True,
        ),
        timeline(
            "Deliveries without effect",
            "Deliveries a second that failed, by consumer. Outage: what the consumer needs is down. Failed: its "
            "handler has a defect or dislikes the event. Dead: given up.",
            look.EVENTS,
            Q(q.or_none(unhappy, "messaging_outcome"), "{{service}} {{messaging_outcome}}"),
            links=[links.runbook("DeadLetters"), links.to_service(), links.traces(failed=True), links.logs()],
        ),
    ]


def _times() -> list[timeseries.Panel]:
    by = f"{DESTINATION}, service"
    return [
        timeline(
            "p95 of handling by event",
            "Nineteen of twenty deliveries of an event are handled within this time; the dots lead to their traces. "
            "A slow one holds up those behind it.",
            look.SECONDS,
            Q(
                q.quantile(0.95, HANDLED, q.CHOSEN, by=by),
                "{{service}} {{messaging_destination_name}}",
                exemplar=True,
            ),
            links=SERIES,
        ),
        timeline(
            "Dead letters",
            "Messages given up and not replayed yet, by consumer. Each step up is an event that has had no effect.",
            look.COUNT,
            Q(f"max by (service) (messaging_dead_letters{{{q.CHOSEN}}})", "{{service}}"),
            links=[links.runbook("DeadLetters"), *SERIES],
            stepped=True,
            decimals=0,
        ),
    ]
