"""What goes over inventory's HTTP API."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from inventory import domain
from inventory.catalogue import Books, ListedProduct
from inventory.domain import QUANTITY_LIMIT, Status
from inventory.reservations import AuditedReservation, StoredReservation

Sku = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$", examples=["MUG-BLUE"], description="Which product.")]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_LIMIT, examples=[2], description="How many pieces.")]
Received = Annotated[int, Meta(ge=1, le=1_000_000_000, examples=[100], description="How many pieces.")]
Pieces = Annotated[int, Meta(examples=[100], description="How many pieces.")]
OrderId = Annotated[UUID, Meta(examples=["019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"])]
ReservationId = Annotated[UUID, Meta(examples=["019a8f3e-5c02-7a44-9d1b-6a1f0c2b7e33"])]
Moment = Annotated[datetime, Meta(examples=["2026-03-01T12:15:00Z"])]
NextCursor = Annotated[str | None, Meta(description="Where the next page begins; null on the last one.")]


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: Annotated[int, Meta(examples=[1250])]
    currency: Annotated[str, Meta(examples=["EUR"])]

    @classmethod
    def of(cls, money: domain.Money) -> Self:
        """The amount of the domain."""
        return cls(money.amount_minor, money.currency)


class ProductView(Struct, frozen=True):
    """A product and how many pieces of it can be reserved now."""

    sku: Sku
    name: Annotated[str, Meta(examples=["Blue enamel mug"])]
    unit_price: Money
    available: Pieces

    @classmethod
    def of(cls, product: ListedProduct) -> Self:
        """The product of the catalogue."""
        return cls(product.sku, product.name, Money.of(product.unit_price), product.available)


class Products(Struct, frozen=True):
    """One page of products in SKU order."""

    items: list[ProductView]
    next_cursor: NextCursor


class WantedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of one product. Lines of the same product are added up."""

    sku: Sku
    quantity: Quantity


class ReservationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What to hold for an order."""

    order_id: OrderId
    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=100)]


class LineView(Struct, frozen=True):
    """So many pieces of one product at the price of the moment they were reserved."""

    sku: Sku
    quantity: Quantity
    unit_price: Money


class ReservationView(Struct, frozen=True):
    """Stock held for an order until `expires_at`, then sold or given back."""

    reservation_id: ReservationId
    order_id: OrderId
    status: Status
    expires_at: Moment
    lines: list[LineView]
    total: Money

    @classmethod
    def of(cls, stored: StoredReservation) -> Self:
        """The reservation as it is stored."""
        return cls(
            reservation_id=stored.reservation_id,
            order_id=stored.order_id,
            status=stored.status,
            expires_at=stored.expires_at,
            lines=[LineView(line.sku, line.quantity, Money.of(line.unit_price)) for line in stored.lines],
            total=Money.of(stored.total),
        )


class AuditedReservationView(ReservationView, frozen=True, kw_only=True):
    """A reservation, and when it last changed."""

    updated_at: Moment

    @classmethod
    def audited(cls, found: AuditedReservation) -> Self:
        """The reservation as it was audited."""
        view = ReservationView.of(found.reservation)
        values = {name: getattr(view, name) for name in ReservationView.__struct_fields__}
        return cls(**values, updated_at=found.updated_at)


class AuditedReservations(Struct, frozen=True):
    """One page of reservations in the order of their making."""

    items: list[AuditedReservationView]
    next_cursor: NextCursor


class RestockRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces of a product that arrived."""

    sku: Sku
    quantity: Received


class RestockView(Struct, frozen=True):
    """What arrived, and how many pieces are available with it."""

    sku: Sku
    quantity: Received
    available: Pieces


class BooksView(Struct, frozen=True):
    """The books of one product, in pieces: available + reserved + sold - returned = received.

    Beside them what its reservations add up to: `reserved` is held by them, `sold` - `returned` is sold by them.
    """

    sku: Sku
    received: Pieces
    available: Pieces
    reserved: Pieces
    sold: Pieces
    returned: Pieces
    held_by_reservations: Pieces
    sold_by_reservations: Pieces

    @classmethod
    def of(cls, books: Books) -> Self:
        """The balance of the product."""
        balance = books.balance
        return cls(
            sku=books.sku,
            received=balance.received,
            available=balance.available,
            reserved=balance.reserved,
            sold=balance.sold,
            returned=balance.returned,
            held_by_reservations=books.held_by_reservations,
            sold_by_reservations=books.sold_by_reservations,
        )


class AuditedStock(Struct, frozen=True):
    """One page of the books in SKU order."""

    items: list[BooksView]
    next_cursor: NextCursor
