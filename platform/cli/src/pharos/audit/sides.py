"""The two sides of a comparison in words, and what may explain that they differ."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from pharos.audit.books import Order, OrderLine, Payment, Reservation, Snapshot, Stock
from pharos.audit.finding import Finding

NOT_ANSWERED: Final = "the payment provider still owes an answer"
MESSAGES: Final = "events are on their way"
CANCELLED: Final = "orders.order.cancelled.v1"


class OfOrder(Protocol):
    """What belongs to an order."""

    @property
    def order_id(self) -> str:
        """Whose it is."""
        ...


class WithLines(Protocol):
    """What consists of pieces of products."""

    @property
    def lines(self) -> Sequence[OrderLine]:
        """Its pieces."""
        ...


Row = TypeVar("Row", bound=OfOrder)


def by_order(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def ended(now: Snapshot) -> dict[str, Order]:
    """Orders that are confirmed or cancelled and whose saga has ended."""
    running = {saga.order_id for saga in now.sagas}
    return {order.order_id: order for order in now.orders if order.ended and order.order_id not in running}


def pieces(parts: Iterable[WithLines]) -> dict[str, int]:
    """Pieces by SKU."""
    found: Counter[str] = Counter()
    for part in parts:
        for line in part.lines:
            found[line.sku] += line.quantity
    return dict(found)


def in_words(quantities: Mapping[str, int]) -> str:
    """Such as `2 x MUG-BLUE`."""
    return ", ".join(f"{quantity} x {sku}" for sku, quantity in sorted(quantities.items())) or "no pieces"


def of_payments(payments: Sequence[Payment]) -> str:
    """The payments of an order."""
    return ", ".join(f"payment {each.payment_id} {each.status}" for each in payments) or "no payment"


def of_reservations(reservations: Sequence[Reservation]) -> str:
    """The reservations of an order."""
    return ", ".join(f"reservation {each.reservation_id} {each.status}" for each in reservations) or "no reservation"


def untold(now: Snapshot, consumer: str) -> set[str]:
    """The cancelled orders that this service may not have been told of yet."""
    return {event.subject for event in now.events if event.type == CANCELLED and now.on_its_way(event, consumer)}


def payment_excuse(order: Order, payments: Sequence[Payment], untold: Collection[str]) -> str:
    """What may explain that an order's payments are not as they should be; `untold` are those payments knows not."""
    if any(payment.under_way or payment.status == "pending" for payment in payments):
        return NOT_ANSWERED
    return MESSAGES if order.order_id in untold else ""


def differs(order: Order, left: str, right: str, difference: int, excuse: str) -> Finding:
    """An order and what another service made of it."""
    return Finding(
        subject=f"order {order.order_id}",
        left=f"orders: {order.status}, {left}",
        right=right,
        difference=str(difference),
        next=f"follow it: ./just trace {order.order_id}",
        excuse=excuse,
    )


def without_order(order_id: str, right: str) -> Finding:
    """Something that belongs to an order which orders does not know."""
    return Finding(
        subject=f"order {order_id}",
        left="orders: no such order",
        right=right,
        difference="1 order",
        next=f"find what made it: ./just trace {order_id}; was orders' database restored from an older backup?",
    )


def of_stock(stock: Stock, left: str, right: str, difference: int) -> Finding:
    """A SKU whose books do not agree."""
    return Finding(
        subject=f"SKU {stock.sku}",
        left=left,
        right=right,
        difference=str(difference),
        next="its movements tell the truth: table stock_movement of inventory's database",
    )
