"""What an event leads to: one row that says what is to be told to whom, in the transaction of the event's inbox row."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.correlation import correlation_id
from chassis.ids import uuid7
from chassis.messaging import Consumer, Event, consumer
from chassis.persistence import after_commit
from chassis.telemetry import annotate, current_traceparent
from notifications import domain, letters, names
from notifications.domain import Facts, Kind, Line
from notifications.events import (
    CUSTOMER_REGISTERED,
    ORDER_CANCELLED,
    ORDER_CONFIRMED,
    PAYMENT_REFUNDED,
    CustomerRegistered,
    Money,
    OrderCancelled,
    OrderConfirmed,
    OrderedLine,
    PaymentRefunded,
)
from notifications.letters import Notice

Wake = Callable[[], None]


@consumer(CUSTOMER_REGISTERED, data=CustomerRegistered)
async def on_customer_registered(event: Event[CustomerRegistered], wake: Wake) -> None:
    """Welcome the customer."""
    await _note(event, Kind.CUSTOMER_REGISTERED, Facts(), wake, customer_id=event.data.customer_id)


@consumer(ORDER_CONFIRMED, data=OrderConfirmed)
async def on_order_confirmed(event: Event[OrderConfirmed], wake: Wake) -> None:
    """Confirm the order."""
    order = event.data
    facts = Facts(order_id=order.order_id, lines=_lines(order.lines), total=_money(order.total))
    await _note(event, Kind.ORDER_CONFIRMED, facts, wake, customer_id=order.customer_id, order_id=order.order_id)


@consumer(ORDER_CANCELLED, data=OrderCancelled)
async def on_order_cancelled(event: Event[OrderCancelled], wake: Wake) -> None:
    """Say that the order came to nothing, and why."""
    order = event.data
    facts = Facts(order_id=order.order_id, lines=_lines(order.lines), reason=order.reason)
    await _note(event, Kind.ORDER_CANCELLED, facts, wake, customer_id=order.customer_id, order_id=order.order_id)


@consumer(PAYMENT_REFUNDED, data=PaymentRefunded)
async def on_payment_refunded(event: Event[PaymentRefunded], wake: Wake) -> None:
    """Say that money was given back; whose it is follows from the order's other events."""
    refund = event.data
    facts = Facts(order_id=refund.order_id, amount=_money(refund.amount))
    await _note(event, Kind.PAYMENT_REFUNDED, facts, wake, order_id=refund.order_id)


def consumers(wake: Wake) -> list[Consumer[Any]]:
    """All of them; `wake` is called once a message can be sent."""
    declared: list[Consumer[Any]] = [
        on_customer_registered,
        on_order_confirmed,
        on_order_cancelled,
        on_payment_refunded,
    ]
    return [each.bind(wake=wake) for each in declared]


async def _note(
    event: Event[Any],
    kind: Kind,
    facts: Facts,
    wake: Wake,
    *,
    customer_id: str | None = None,
    order_id: str | None = None,
) -> None:
    notice = Notice(
        notification_id=uuid7(),
        event_id=event.id,
        kind=kind,
        facts=facts,
        order_id=order_id,
        customer_id=customer_id,
        traceparent=current_traceparent() or event.traceparent,
        correlation_id=correlation_id(),
        created_at=datetime.now(UTC),
    )
    await letters.note(notice)
    annotate({names.NOTIFICATION_ID: str(notice.notification_id), names.NOTIFICATION_KIND: kind.value})
    after_commit(wake)


def _lines(lines: Sequence[OrderedLine]) -> tuple[Line, ...]:
    return tuple(
        Line(line.sku, line.quantity, None if line.unit_price is None else _money(line.unit_price)) for line in lines
    )


def _money(money: Money) -> domain.Money:
    return domain.Money(money.amount_minor, money.currency)
