"""What goes over orders' HTTP API."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from orders.domain.order import MAX_LINES, MAX_QUANTITY, Reason, Status
from orders.domain.saga import Payment, Stock
from orders.events import Money as EventMoney
from orders.events import OrderedLine
from orders.queries import OrderRecord
from orders.sagas import Row

ORDER_ID = "019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"
CUSTOMER_ID = "018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001"

OrderId = Annotated[UUID, Meta(examples=[ORDER_ID], description="Identifier of the order.")]
CustomerId = Annotated[str, Meta(examples=[CUSTOMER_ID])]
Sku = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$", examples=["MUG-BLUE"], description="Which product.")]
Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY, examples=[2], description="How many pieces.")]
CardToken = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        examples=["tok_approve"],
        description="The payment provider's token for the card; never the card's number.",
    ),
]
CancelReason = Annotated[Reason | None, Meta(description="Why it was cancelled; null otherwise.")]
Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:00:00Z"])]
CorrelationId = Annotated[str, Meta(examples=["3f1c2a9be7d84c51"], description="Of the request that began it.")]
Reference = Annotated[str | None, Meta(examples=[CUSTOMER_ID])]
Count = Annotated[int, Meta(examples=[1])]
Flag = Annotated[bool, Meta(examples=[False])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: Annotated[int, Meta(examples=[1999])]
    currency: Annotated[str, Meta(examples=["EUR"])]

    @classmethod
    def of(cls, money: EventMoney | None) -> Self | None:
        """The amount, if there is one."""
        return None if money is None else cls(money.amount_minor, money.currency)


class NewLine(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of one product."""

    sku: Sku
    quantity: Quantity


class NewOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What is ordered, and the card that pays."""

    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=MAX_LINES, description="Each product once.")]
    card_token: CardToken

    def __repr__(self) -> str:
        """Without the card's token, wherever it may be printed."""
        return f"NewOrder(lines={self.lines!r})"


class Line(Struct, frozen=True):
    """So many pieces of one product; the price of one once stock was reserved."""

    sku: Sku
    quantity: Quantity
    unit_price: Money | None

    @classmethod
    def of(cls, line: OrderedLine) -> Self:
        """The line of an order."""
        return cls(line.sku, line.quantity, Money.of(line.unit_price))


class Order(Struct, frozen=True, kw_only=True):
    """An order. `total` is null until its stock was reserved."""

    order_id: OrderId
    customer_id: CustomerId
    status: Status
    reason: CancelReason
    lines: list[Line]
    total: Money | None
    correlation_id: CorrelationId
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """The order of a record."""
        return cls(
            order_id=order.order_id,
            customer_id=order.customer_id,
            status=order.status,
            reason=None if order.reason is None else Reason(order.reason),
            lines=[Line.of(line) for line in order.lines],
            total=Money.of(order.total),
            correlation_id=order.correlation_id,
            created_at=order.created_at,
            updated_at=order.updated_at,
        )


class OrderPage(Struct, frozen=True):
    """Orders of one customer, the newest first."""

    items: list[Order]
    next_cursor: NextCursor


class OrderTotal(Struct, frozen=True):
    """The orders of one status and currency, together; no currency means that they have no price."""

    status: Status
    currency: Annotated[str | None, Meta(examples=["EUR"])]
    orders: Count
    total_minor: Annotated[int, Meta(examples=[2500])]


class AuditedOrders(Struct, frozen=True):
    """Every order by its id, and on the first page what they come to."""

    items: list[Order]
    next_cursor: NextCursor
    totals: list[OrderTotal]


class AuditedSaga(Struct, frozen=True, kw_only=True):
    """How far an order's saga is. `deadline` is when it is turned back unless its payment is being captured."""

    order_id: OrderId
    open: Flag
    backward: Flag
    stock: Stock
    payment: Payment
    reservation_id: Reference
    payment_id: Reference
    cancel_requested: Flag
    reason: CancelReason
    attempts: Count
    started_at: Moment
    deadline: Moment
    next_attempt_at: Moment
    finished_at: Moment | None
    correlation_id: CorrelationId

    @classmethod
    def of(cls, row: Row) -> Self:
        """The saga of a row."""
        values = {name: row[name] for name in cls.__struct_fields__}
        values |= {"stock": Stock(row["stock"]), "payment": Payment(row["payment"])}
        return cls(**values | {"reason": row["reason"] and Reason(row["reason"])})


class SagaTotals(Struct, frozen=True):
    """Sagas that have not ended, and those of them that are stuck: a minute past their deadline."""

    open: Count
    stuck: Count


class AuditedSagas(Struct, frozen=True):
    """Sagas by their order's id, and how many are open."""

    items: list[AuditedSaga]
    next_cursor: NextCursor
    totals: SagaTotals
