"""What orders cause in inventory, payments and notifications, and what precedes them in accounts."""

import links
import look
import promql as q
from grafana_foundation_sdk.builders import timeseries
from panels import Q, timeline


def effects() -> list[timeseries.Panel]:
    """Stock, money and mail."""
    reservations = q.rate("inventory_reservations_total", by="reservation_outcome")
    operations = q.rate("payments_operations_total", by="payment_operation, payment_outcome")
    expired = q.rate("payments_authorisations_expired_total")
    handled = q.rate("notifications_handled_total", by="notification_kind, notification_status")
    return [
        timeline(
            "Reservations",
            "Steps in the life of reservations a minute. Held without sold or released after it means that orders "
            "stop half-way; insufficient-stock wants restocking.",
            look.COUNT,
            Q(q.or_none(f"60 * {reservations}", "reservation_outcome"), "{{reservation_outcome}}"),
            links=[links.to_service("inventory"), links.traces("inventory")],
        ),
        timeline(
            "Payments",
            "Answers of the payment provider a minute. Silent ones are asked again: many of them mean that the "
            "provider has trouble; declined are the customers' cards. Expired is money held for too long and let go: "
            "its order was neither confirmed nor cancelled in time.",
            look.COUNT,
            Q(q.or_none(f"60 * {operations}", "payment_operation"), "{{payment_operation}} {{payment_outcome}}"),
            Q(q.or_nought(f"60 * {expired}"), "expired"),
            links=[links.to_service("payments"), links.traces("payments")],
        ),
        timeline(
            "E-mails",
            "Messages sent or proved undeliverable a minute. Undeliverable ones have a wrong address; none while "
            "orders end means that the mail server does not take them.",
            look.COUNT,
            Q(q.or_none(f"60 * {handled}", "notification_kind"), "{{notification_kind}} {{notification_status}}"),
            links=[links.to_service("notifications"), links.runbook("NotificationsWaiting")],
        ),
    ]


def customers() -> list[timeseries.Panel]:
    """Who comes."""
    return [
        timeline(
            "Log-ins and registrations",
            "Log-ins and registrations a minute by outcome. Many invalid-credentials or throttled at once is "
            "somebody guessing passwords.",
            look.COUNT,
            Q(
                q.or_none(f"60 * {q.rate('accounts_logins_total', by='login_outcome')}", "login_outcome"),
                _named("login"),
            ),
            Q(
                q.or_none(
                    f"60 * {q.rate('accounts_registrations_total', by='registration_outcome')}", "registration_outcome"
                ),
                _named("registration"),
            ),
            links=[links.to_service("accounts"), links.logs("accounts")],
        ),
    ]


def demand() -> list[timeseries.Panel]:
    """How often requests are repeated, and what is sold out."""
    depleted = q.or_nought(q.increase("inventory_depletions_total", over=q.RATE))
    return [
        timeline(
            "Repeated requests",
            "Requests with an Idempotency-Key a minute, by what the key led to. Replayed and in_flight are clients "
            "that ask again: a rise means that answers come too late.",
            look.COUNT,
            Q(
                q.or_none(
                    f"60 * {q.rate('idempotency_requests_total', by='idempotency_outcome')}", "idempotency_outcome"
                ),
                "{{idempotency_outcome}}",
            ),
            links=[links.traces("orders"), links.logs("orders")],
        ),
        timeline(
            "Products sold out",
            "Times that the last available piece of a product was reserved, a bar for each minute or longer. Each of "
            "them ends sales of that product until somebody restocks it.",
            look.COUNT,
            Q(depleted, "sold out"),
            links=[links.to_service("inventory"), links.logs("inventory")],
            bars=True,
        ),
    ]


def _named(what: str) -> str:
    return f"{what} {{{{{what}_outcome}}}}"
