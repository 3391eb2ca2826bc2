"""The HTTP API of inventory."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter

from chassis.idempotency import Attempt, idempotent
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from inventory import catalogue, handlers
from inventory.schemas import (
    AuditedReservations,
    AuditedReservationView,
    AuditedStock,
    BooksView,
    Products,
    ProductView,
    ReservationRequest,
    ReservationView,
    RestockRequest,
    RestockView,
)

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
SkuPath = Annotated[str, PathParameter(max_length=40, description="Which product.")]
_REPEATED = ResponseSpec(ReservationView, description="The order's reservation, made before", generate_examples=False)


class ProductsController(Controller):
    """The catalogue."""

    path = "/products"
    tags = ("products",)

    @get("/", operation_id="list_products", auth="public", summary="List products")
    async def list_products(self, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Products:
        """All products in SKU order."""
        rows, next_cursor = await catalogue.products(limit=limit, cursor=cursor)
        return Products([ProductView.of(row) for row in rows], next_cursor)

    @get("/{sku:str}", operation_id="get_product", auth="public", summary="Show a product")
    async def get_product(self, sku: SkuPath) -> ProductView:
        """One product; 404 `product-unknown` when there is none."""
        return ProductView.of(await catalogue.product(sku))


class ReservationsController(Controller):
    """Stock held for orders."""

    path = "/reservations"
    tags = ("reservations",)

    @post(
        "/",
        operation_id="reserve_stock",
        auth="service",
        summary="Reserve stock for an order",
        responses={200: _REPEATED},
    )
    async def reserve(
        self, data: JSONBody[ReservationRequest], hold: NamedDependency[timedelta]
    ) -> Response[ReservationView]:
        """Hold all lines or none. An order has one reservation: asked again, it is answered with 200.

        409 `insufficient-stock`, 409 `reservation-differs`, 422 `unknown-sku`.
        """
        lines = [(line.sku, line.quantity) for line in data.lines]
        reservation, new = await handlers.reserve(order_id=data.order_id, lines=lines, hold=hold)
        return Response(ReservationView.of(reservation), status_code=201 if new else 200)

    @get("/{reservation_id:uuid}", operation_id="get_reservation", auth="service", summary="Show a reservation")
    async def get_reservation(self, reservation_id: FromPath[UUID]) -> ReservationView:
        """One reservation; 404 `reservation-unknown` when there is none."""
        return ReservationView.of(await handlers.get(reservation_id))

    @post(
        "/{reservation_id:uuid}/commit",
        operation_id="commit_reservation",
        auth="service",
        status_code=200,
        summary="Sell what is held",
    )
    async def commit(self, reservation_id: FromPath[UUID]) -> ReservationView:
        """Sold once, however often it is asked. 409 `reservation-expired`, 409 `reservation-ended`."""
        return ReservationView.of(await handlers.commit(reservation_id))

    @post(
        "/{reservation_id:uuid}/release",
        operation_id="release_reservation",
        auth="service",
        status_code=200,
        summary="Give stock back",
    )
    async def release(self, reservation_id: FromPath[UUID]) -> ReservationView:
        """What is held becomes available, what is sold is returned; once, however often it is asked."""
        return ReservationView.of(await handlers.release(reservation_id))


@post("/restocks", operation_id="restock", auth="service", summary="Take pieces into stock", tags=["stock"])
@idempotent
async def restock(data: JSONBody[RestockRequest], attempt: Attempt) -> RestockView:
    """Once per Idempotency-Key. 422 `unknown-sku` when there is no such product."""
    available = await handlers.restock(sku=data.sku, quantity=data.quantity, attempt=attempt)
    return RestockView(data.sku, data.quantity, available)


@get("/audit/stock", operation_id="audit_stock", auth="service", summary="Audit the books", tags=["audit"])
async def audit_stock(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedStock:
    """The books of every product in SKU order."""
    rows, next_cursor = await catalogue.books(limit=limit, cursor=cursor)
    return AuditedStock([BooksView.of(row) for row in rows], next_cursor)


@get(
    "/audit/reservations",
    operation_id="audit_reservations",
    auth="service",
    summary="Audit reservations",
    tags=["audit"],
)
async def audit_reservations(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedReservations:
    """Every reservation in the order of their making."""
    rows, next_cursor = await catalogue.audited_reservations(limit=limit, cursor=cursor)
    return AuditedReservations([AuditedReservationView.audited(row) for row in rows], next_cursor)
