"""The events payments publishes, and the one it consumes."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

PAYMENT_CAPTURED: Final = "payments.payment.captured.v1"
PAYMENT_REFUNDED: Final = "payments.payment.refunded.v1"
ORDER_CANCELLED: Final = "orders.order.cancelled.v1"


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: int
    currency: str


class PaymentCaptured(Struct, frozen=True):
    """The money for an order was taken."""

    payment_id: UUID
    order_id: UUID
    amount: Money
    captured_at: datetime


class PaymentRefunded(Struct, frozen=True):
    """Money was given back: `amount` this time, `refunded` in all."""

    payment_id: UUID
    order_id: UUID
    amount: Money
    refunded: Money
    refunded_at: datetime


class OrderCancelled(Struct, frozen=True):
    """An order came to nothing: what payments reads of it."""

    order_id: UUID


PUBLISHES: Final = {
    PAYMENT_CAPTURED: PaymentCaptured,
    PAYMENT_REFUNDED: PaymentRefunded,
}
"""The data of each event type, for asyncapi.json."""
