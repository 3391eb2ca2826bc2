"""The HTTP API of inventory."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta, Struct

from chassis.idempotency import idempotent
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from inventory import catalogue, domain, handlers
from inventory.catalogue import Books, ListedProduct
from inventory.domain import QUANTITY_LIMIT, Status
from inventory.reservations import StoredReservation

Sku = Annotated[
    str, Meta(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$", examples=["MUG-BLUE"], description="Identifies a product.")
]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_LIMIT, examples=[2], description="Pieces.")]
Received = Annotated[int, Meta(ge=1, le=1_000_000_000, examples=[100], description="Pieces.")]
Pieces = Annotated[int, Meta(examples=[100], description="Pieces.")]
Identifier = Annotated[UUID, Meta(examples=["019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"])]
Limit = Annotated[int, Parameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, Parameter(max_length=200, description="`next_cursor` of the page before.")]
SkuPath = Annotated[str, Parameter(max_length=40, description="Identifies a product.")]


class Money(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code."""

    amount_minor: Annotated[int, Meta(examples=[1250])]
    currency: Annotated[str, Meta(examples=["EUR"])]


class ProductView(Struct, frozen=True):
    """A product and how many pieces of it can be reserved now."""

    sku: Sku
    name: Annotated[str, Meta(examples=["Blue mug"])]
    unit_price: Money
    available: Pieces


class Products(Struct, frozen=True):
    """One page of products in SKU order; `next_cursor` is null in the last one."""

    items: list[ProductView]
    next_cursor: str | None


class WantedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of one product. Lines of the same product are added up."""

    sku: Sku
    quantity: Quantity


class ReservationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What to hold for an order."""

    order_id: Identifier
    lines: Annotated[list[WantedLine], Meta(min_length=1, max_length=100)]


class LineView(Struct, frozen=True):
    """So many pieces of one product at the price of the moment they were reserved."""

    sku: Sku
    quantity: Annotated[int, Meta(examples=[2], description="Pieces.")]
    unit_price: Money


class ReservationView(Struct, frozen=True):
    """Stock held for an order until `expires_at`, then sold or given back."""

    reservation_id: Identifier
    order_id: Identifier
    status: Status
    expires_at: datetime
    lines: list[LineView]
    total: Money


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
    """The books of one product, in pieces: available + reserved + sold - returned = received."""

    sku: Sku
    received: Pieces
    available: Pieces
    reserved: Pieces
    sold: Pieces
    returned: Pieces


class AuditedStock(Struct, frozen=True):
    """One page of the books in SKU order; `next_cursor` is null in the last one."""

    items: list[BooksView]
    next_cursor: str | None


class ProductsController(Controller):
    """The catalogue."""

    path = "/products"
    tags = ("products",)

    @get("/", operation_id="list_products", auth="public", summary="List products")
    async def list_products(self, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Products:
        """All products in SKU order."""
        rows, next_cursor = await catalogue.products(limit=limit, cursor=cursor)
        return Products([_product(row) for row in rows], next_cursor)

    @get("/{sku:str}", operation_id="get_product", auth="public", summary="Show a product")
    async def get_product(self, sku: SkuPath) -> ProductView:
        """One product; 404 `product-unknown` when there is none."""
        return _product(await catalogue.product(sku))


class ReservationsController(Controller):
    """Stock held for orders."""

    path = "/reservations"
    tags = ("reservations",)

    @post("/", operation_id="reserve_stock", auth="service", summary="Reserve stock for an order")
    async def reserve(self, data: ReservationRequest, hold: timedelta) -> Response[ReservationView]:
        """Hold all lines or none. An order has one reservation: asked again, it is answered with 200.

        409 `insufficient-stock`, 409 `reservation-differs`, 422 `unknown-sku`.
        """
        lines = [(line.sku, line.quantity) for line in data.lines]
        reservation, new = await handlers.reserve(order_id=data.order_id, lines=lines, hold=hold)
        return Response(_reservation(reservation), status_code=201 if new else 200)

    @get("/{reservation_id:uuid}", operation_id="get_reservation", auth="service", summary="Show a reservation")
    async def get_reservation(self, reservation_id: UUID) -> ReservationView:
        """One reservation; 404 `reservation-unknown` when there is none."""
        return _reservation(await handlers.get(reservation_id))

    @post(
        "/{reservation_id:uuid}/commit",
        operation_id="commit_reservation",
        auth="service",
        status_code=200,
        summary="Sell what is held",
    )
    async def commit(self, reservation_id: UUID) -> ReservationView:
        """Sold once, however often it is asked. 409 `reservation-expired`, 409 `reservation-ended`."""
        return _reservation(await handlers.commit(reservation_id))

    @post(
        "/{reservation_id:uuid}/release",
        operation_id="release_reservation",
        auth="service",
        status_code=200,
        summary="Give stock back",
    )
    async def release(self, reservation_id: UUID) -> ReservationView:
        """What is held becomes available, what is sold is returned; once, however often it is asked."""
        return _reservation(await handlers.release(reservation_id))


@post("/restocks", operation_id="restock", auth="service", summary="Take pieces into stock", tags=["stock"])
@idempotent
async def restock(data: RestockRequest) -> RestockView:
    """Once per Idempotency-Key. 422 `unknown-sku` when there is no such product."""
    available = await handlers.restock(sku=data.sku, quantity=data.quantity)
    return RestockView(data.sku, data.quantity, available)


@get("/audit/stock", operation_id="audit_stock", auth="service", summary="Audit the books", tags=["audit"])
async def audit_stock(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedStock:
    """The books of every product in SKU order."""
    rows, next_cursor = await catalogue.books(limit=limit, cursor=cursor)
    return AuditedStock([_books(row) for row in rows], next_cursor)


def _product(product: ListedProduct) -> ProductView:
    return ProductView(product.sku, product.name, _money(product.unit_price), product.available)


def _reservation(stored: StoredReservation) -> ReservationView:
    return ReservationView(
        reservation_id=stored.reservation_id,
        order_id=stored.order_id,
        status=stored.status,
        expires_at=stored.expires_at,
        lines=[LineView(line.sku, line.quantity, _money(line.unit_price)) for line in stored.lines],
        total=_money(stored.total),
    )


def _books(books: Books) -> BooksView:
    balance = books.balance
    return BooksView(
        sku=books.sku,
        received=balance.received,
        available=balance.available,
        reserved=balance.reserved,
        sold=balance.sold,
        returned=balance.returned,
    )


def _money(money: domain.Money) -> Money:
    return Money(money.amount_minor, money.currency)
