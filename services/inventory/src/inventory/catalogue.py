"""Reading the catalogue and the books."""

from dataclasses import dataclass
from typing import Any

from chassis.pages import Cut, cut, decode_cursor
from inventory import statements
from inventory.domain import Balance, Money
from inventory.errors import ProductUnknown
from inventory.tables import Stock


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product and how many pieces can be reserved now."""

    sku: str
    name: str
    unit_price: Money
    available: int


@dataclass(frozen=True, slots=True)
class Books:
    """The balance of one SKU."""

    sku: str
    balance: Balance


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
    query = Stock.objects().order_by(Stock.sku).limit(limit + 1)
    if cursor is not None:
        query = query.where(Stock.sku > decode_cursor(cursor, tuple[str])[0])
    rows, next_cursor = cut(await query, limit, lambda row: (row.sku,))
    return Cut([Books(row.sku, _balance(row)) for row in rows], next_cursor)


def _balance(row: Stock) -> Balance:
    return Balance(
        received=row.received, available=row.available, reserved=row.reserved, sold=row.sold, returned=row.returned
    )


def _listed(row: Any) -> ListedProduct:
    return ListedProduct(row["sku"], row["name"], Money(row["price_minor"], row["currency"]), row["available"])
