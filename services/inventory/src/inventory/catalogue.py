"""Reading the catalogue and the books."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.pages import Cut, cut, decode_cursor
from inventory import reservations, statements
from inventory.domain import Balance, Money
from inventory.errors import ProductUnknown
from inventory.reservations import AuditedReservation


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product and how many pieces can be reserved now."""

    sku: str
    name: str
    unit_price: Money
    available: int


@dataclass(frozen=True, slots=True)
class Books:
    """The balance of one SKU, beside what its reservations add up to."""

    sku: str
    balance: Balance
    held_by_reservations: int
    sold_by_reservations: int


async def products(*, limit: int, cursor: str | None) -> Cut[ListedProduct]:
    """The products in SKU order.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    after = "" if cursor is None else decode_cursor(cursor, tuple[str])[0]
    rows = [_listed(row) for row in await statements.PRODUCTS(after, limit + 1)]
    return cut(rows, limit, lambda row: (row.sku,))


async def product(sku: str) -> ListedProduct:
    """One product.

    Raises:
        ProductUnknown: there is none with this SKU.
    """
    row = await statements.PRODUCT.first(sku)
    if row is None:
        raise ProductUnknown(sku)
    return _listed(row)


async def books(*, limit: int, cursor: str | None) -> Cut[Books]:
    """The books of all products in SKU order.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    after = "" if cursor is None else decode_cursor(cursor, tuple[str])[0]
    return cut([_books(row) for row in await statements.BOOKS(after, limit + 1)], limit, lambda row: (row.sku,))


async def audited_reservations(*, limit: int, cursor: str | None) -> Cut[AuditedReservation]:
    """All reservations in the order of their making.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    after = None if cursor is None else decode_cursor(cursor, tuple[UUID])[0]
    rows = await reservations.audited(limit=limit + 1, after=after)
    return cut(rows, limit, lambda row: (row.reservation.reservation_id,))


def _books(row: Any) -> Books:
    balance = Balance(**{name: row[name] for name in ("received", "available", "reserved", "sold", "returned")})
    return Books(row["sku"], balance, row["held_by_reservations"], row["sold_by_reservations"])


def _listed(row: Any) -> ListedProduct:
    return ListedProduct(row["sku"], row["name"], Money(row["price_minor"], row["currency"]), row["available"])
