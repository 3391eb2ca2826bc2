"""Reading the catalogue and the books."""

from dataclasses import dataclass

from chassis.pages import Cut, cut, decode_cursor
from inventory.domain import Balance, Money
from inventory.errors import ProductUnknown
from inventory.tables import Product, Stock


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
    query = Product.select().order_by(Product.sku).limit(limit + 1)
    if cursor is not None:
        query = query.where(Product.sku > decode_cursor(cursor, tuple[str])[0])
    rows, next_cursor = cut(await query, limit, lambda row: (row["sku"],))
    available = await _available([row["sku"] for row in rows])
    return Cut([_listed(row, available) for row in rows], next_cursor)


async def product(sku: str) -> ListedProduct:
    """One product.

    Raises:
        ProductUnknown: there is none with this SKU.
    """
    row = await Product.select().where(Product.sku == sku).first()
    if row is None:
        raise ProductUnknown(sku)
    return _listed(row, await _available([sku]))


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


async def _available(skus: list[str]) -> dict[str, int]:
    if not skus:
        return {}
    rows = await Stock.select(Stock.sku, Stock.available).where(Stock.sku.is_in(skus))
    return {row["sku"]: row["available"] for row in rows}


def _listed(row: dict[str, object], available: dict[str, int]) -> ListedProduct:
    sku, price, currency = str(row["sku"]), int(str(row["price_minor"])), str(row["currency"])
    return ListedProduct(sku, str(row["name"]), Money(price, currency), available.get(sku, 0))
