"""The events notifications consumes, and what it reads of them; it publishes none."""

from typing import Final

from msgspec import Struct

CUSTOMER_REGISTERED: Final = "accounts.customer.registered.v1"
ORDER_CONFIRMED: Final = "orders.order.confirmed.v1"
ORDER_CANCELLED: Final = "orders.order.cancelled.v1"
PAYMENT_REFUNDED: Final = "payments.payment.refunded.v1"


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: int
    currency: str


class OrderedLine(Struct, frozen=True):
    """So many pieces of one product; the price of one where it is known."""

    sku: str
    quantity: int
    unit_price: Money | None = None


class CustomerRegistered(Struct, frozen=True):
    """Someone became a customer."""

    customer_id: str


class OrderConfirmed(Struct, frozen=True):
    """An order is paid and its stock is sold."""

    order_id: str
    customer_id: str
    lines: list[OrderedLine]
    total: Money


class OrderCancelled(Struct, frozen=True):
    """An order came to nothing."""

    order_id: str
    customer_id: str
    reason: str
    lines: list[OrderedLine]


class PaymentRefunded(Struct, frozen=True):
    """Money was given back. Whose it is follows from the order."""

    order_id: str
    amount: Money
