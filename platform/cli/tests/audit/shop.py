"""A snapshot in which everything agrees, and ways to spoil it."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pharos.audit.books import (
    Account,
    Amount,
    Ledger,
    Letter,
    Notification,
    Order,
    OrderLine,
    Payment,
    Published,
    Reservation,
    Saga,
    Snapshot,
    Stock,
    Totals,
)
from pharos.audit.finding import Checked, Finding
from pharos.audit.rules import check

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EUR = "EUR"
LATER = NOW + timedelta(seconds=1)
QUIET = Totals(unsent=0, failing=0, dead=0, waiting=0, settled_until=LATER)
BUSY = Totals(unsent=1, failing=1, dead=0, waiting=1, settled_until=LATER)
"""At work on what was published after `NOW`."""
BEHIND = Totals(unsent=0, failing=0, dead=0, waiting=1, settled_until=NOW)
"""At work on what was published at `NOW`."""
MUTE = Totals(unsent=0, failing=0, dead=0, waiting=None, settled_until=None)
"""The broker does not tell."""
SERVICES = ("accounts", "inventory", "orders", "payments", "notifications")


def order(number: int, status: str, quantity: int = 1) -> Order:
    lines = (OrderLine("MUG", quantity),)
    return Order(order_id=f"o{number}", status=status, total=Amount(quantity * 100, EUR), lines=lines)


def payment(of: Order, status: str, *, refunded: int = 0) -> Payment:
    amount = of.total.amount_minor if of.total else 0
    return Payment(
        payment_id=f"p-{of.order_id}",
        order_id=of.order_id,
        status=status,
        amount=Amount(amount, EUR),
        refunded=Amount(refunded, EUR),
        order_cancelled=of.status == "cancelled",
        under_way=False,
        held_minor=amount if status == "authorised" else 0,
        taken_minor=amount if status in {"captured", "refunded"} else 0,
        given_back_minor=refunded,
    )


def reservation(of: Order, status: str) -> Reservation:
    total = of.total or Amount(0, EUR)
    return Reservation(
        reservation_id=f"r-{of.order_id}", order_id=of.order_id, status=status, lines=of.lines, total=total
    )


def agreeing(statuses: list[tuple[str, int]]) -> Snapshot:
    """Books that agree, for orders of these statuses and quantities."""
    orders = [order(number, status, quantity) for number, (status, quantity) in enumerate(statuses)]
    ended = [one for one in orders if one.ended]
    pending = [one for one in orders if not one.ended]
    confirmed = [one for one in orders if one.status == "confirmed"]
    sold = sum(line.quantity for one in confirmed for line in one.lines)
    events = [event(one) for one in ended]
    accounts = (Account("customer_receivable", Amount(5, EUR)), Account("refunds", Amount(-5, EUR)))
    return Snapshot(
        events=tuple(events),
        orders=tuple(orders),
        sagas=tuple(Saga(order_id=one.order_id, deadline=NOW + timedelta(minutes=1)) for one in pending),
        reservations=tuple(reservation(one, "sold" if one in confirmed else "released") for one in ended),
        payments=tuple(payment(one, "captured" if one in confirmed else "voided") for one in ended),
        stock=(mugs(sold),),
        ledger=Ledger(accounts=accounts, journals=len(confirmed), faults=()),
        notifications=tuple(notification(one) for one in events),
        mails=tuple(one.event_id for one in events),
        letters={"payments": ()},
        messages=dict.fromkeys(SERVICES, QUIET),
        taken_at=NOW,
    )


def event(of: Order) -> Published:
    return Published(
        event_id=f"e-{of.order_id}", type=f"orders.order.{of.status}.v1", subject=of.order_id, published_at=NOW
    )


def notification(of: Published) -> Notification:
    event_id = of.event_id
    return Notification(notification_id=f"n-{event_id}", event_id=event_id, status="sent", message_id=event_id)


def mugs(sold: int) -> Stock:
    return Stock(
        sku="MUG",
        received=1000,
        available=1000 - sold,
        reserved=0,
        sold=sold,
        returned=0,
        held_by_reservations=0,
        sold_by_reservations=sold,
    )


def found(now: Snapshot) -> list[tuple[str, Finding]]:
    """What does not agree, by invariant."""
    return [(one.name, finding) for one in check(now) for finding in one.findings]


def outcome(now: Snapshot, name: str) -> Checked:
    """The outcome of one invariant."""
    return next(one for one in check(now) if one.name == name)


def with_letter(now: Snapshot) -> Snapshot:
    letter = Letter(id=7, type="orders.order.cancelled.v1", event_id="e", reason="handler-failed")
    return replace(now, letters={"payments": (letter,)})
