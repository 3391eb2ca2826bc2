"""E-mails, the last step of an event's way."""

import links
import look
import promql as q
from grafana_foundation_sdk.builders import timeseries
from panels import Q, timeline

OPEN = [links.to_service("notifications"), links.logs("notifications"), links.runbook("NotificationsWaiting")]


def mail() -> list[timeseries.Panel]:
    """What is sent, what waits, what is tried again, how long it takes."""
    handled = q.rate("notifications_handled_total", by="notification_status")
    retries = q.rate("notifications_retries_total", by="notification_kind")
    return [
        timeline(
            "E-mails by outcome",
            "Messages a minute that were sent, or proved undeliverable: those have an address that nobody takes.",
            look.COUNT,
            Q(q.or_none(f"60 * {handled}", "notification_status"), "{{notification_status}}"),
            links=OPEN,
        ),
        timeline(
            "E-mails waiting",
            "Messages not sent yet. Growth means that the mail server does not take them, or that accounts does not "
            "tell the addresses.",
            look.COUNT,
            Q(q.or_nought("max(notifications_pending)"), "waiting"),
            links=OPEN,
            decimals=0,
        ),
        timeline(
            "E-mails tried again",
            "Tries a minute that failed and are repeated, by kind. While it lasts, the mail server is away or refuses.",
            look.COUNT,
            Q(q.or_none(f"60 * {retries}", "notification_kind"), "{{notification_kind}}"),
            links=OPEN,
        ),
        timeline(
            "p95 from event to e-mail",
            "Nineteen of twenty messages are with the mail server within this time after their event. Minutes mean "
            "that they wait for something.",
            look.SECONDS,
            Q(q.quantile(0.95, "notifications_delay_seconds"), "p95"),
            links=OPEN,
        ),
    ]
