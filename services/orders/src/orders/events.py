"""The events orders publishes; it consumes none."""

from datetime import datetime
from typing import Final

from msgspec import Struct

ORDER_PLACED: Final = "orders.order.placed.v1"
ORDER_CONFIRMED: Final = "orders.order.confirmed.v1"
ORDER_CANCELLED: Final = "orders.order.cancelled.v1"


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: int
    currency: str


class OrderedLine(Struct, frozen=True):
    """So many pieces of one product; the price of one once stock was reserved."""

    sku: str
    quantity: int
    unit_price: Money | None = None


class OrderPlaced(Struct, frozen=True):
    """An order was taken; nothing was asked of anyone yet."""

    order_id: str
    customer_id: str
    lines: list[OrderedLine]
    placed_at: datetime


class OrderConfirmed(Struct, frozen=True):
    """The order is paid and its stock is sold."""

    order_id: str
    customer_id: str
    lines: list[OrderedLine]
    total: Money
    confirmed_at: datetime


class OrderCancelled(Struct, frozen=True):
    """The order came to nothing: its payment was given back and its stock released. `total` where it had a price."""

    order_id: str
    customer_id: str
    reason: str
    lines: list[OrderedLine]
    total: Money | None
    cancelled_at: datetime


PUBLISHES: Final = {
    ORDER_PLACED: OrderPlaced,
    ORDER_CONFIRMED: OrderConfirmed,
    ORDER_CANCELLED: OrderCancelled,
}
"""The data of each event type, for asyncapi.json."""
