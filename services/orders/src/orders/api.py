"""The HTTP API of orders."""

import asyncio
import time
from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED

from chassis.auth.principals import UserPrincipal
from chassis.errors import FieldError
from chassis.http.cards import CardNumberNotAccepted
from chassis.idempotency import Attempt, idempotent
from chassis.ids import uuid7
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from chassis.persistence import transaction
from chassis.resilience import current_deadline
from chassis.telemetry import annotate
from orders import handlers, names, queries
from orders.domain.order import Status, is_card_token, is_sku, might_be_card_number, repeated_skus
from orders.errors import InvalidOrder
from orders.events import OrderedLine
from orders.handlers import Placement
from orders.queries import OrderRecord
from orders.runner import SagaRunner
from orders.sagas import Held
from orders.schemas import (
    AuditedOrders,
    AuditedSaga,
    AuditedSagas,
    NewOrder,
    Order,
    OrderPage,
    OrderTotal,
    SagaTotals,
)
from orders.settings import Settings

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
Runner = NamedDependency[SagaRunner]
Config = NamedDependency[Settings]
ENDS = (Status.CONFIRMED, Status.CANCELLED)
UserRequest = Request[UserPrincipal, Any, Any]


class OrdersController(Controller):
    """A customer's own orders."""

    path = "/orders"
    tags = ("orders",)

    @post("/", operation_id="place_order", auth="user", summary="Place an order")
    @idempotent
    async def place(
        self,
        request: UserRequest,
        data: JSONBody[NewOrder],
        runner: Runner,
        settings: Config,
        attempt: Attempt,
    ) -> Response[Order]:
        """Order products and pay by card.

        201 when the order is confirmed or cancelled within the caller's time, 202 with Location when it is still
        pending: its end is reached in any case. A declined card or missing stock is a cancelled order with its reason.
        """
        check(data)
        customer_id = request.user.subject
        if attempt.reference is not None:
            return await _answer_again(UUID(attempt.reference), customer_id, runner, settings.answer_share)
        placement = _placement(uuid7(), customer_id, data)
        annotate({names.ORDER_ID: str(placement.order_id)})
        async with transaction():
            await attempt.remember(str(placement.order_id))
            held = await handlers.place_order(placement, runner.pace.lease, settings.bound, runner.clock())
        driver = runner.drive(held)
        ended = None if runner.crowded else await _wait(driver, settings.answer_share)
        return _answer(queries.record_of(ended or held), done=HTTP_201_CREATED)

    @get("/", operation_id="list_orders", auth="user", summary="List my orders")
    async def list(self, request: UserRequest, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> OrderPage:
        """The customer's orders, the newest first."""
        rows, next_cursor = await queries.list_orders(request.user.subject, limit=limit, cursor=cursor)
        return OrderPage([Order.of(row) for row in rows], next_cursor)

    @get("/{order_id:uuid}", operation_id="get_order", auth="user", summary="Show an order")
    async def show(self, request: UserRequest, order_id: FromPath[UUID]) -> Order:
        """One of the customer's orders; 404 `order-not-found` for anyone else's."""
        annotate({names.ORDER_ID: str(order_id)})
        return Order.of(await queries.get_order(order_id, request.user.subject))

    @post(
        "/{order_id:uuid}/cancel",
        operation_id="cancel_order",
        auth="user",
        summary="Cancel an order",
        status_code=HTTP_200_OK,
    )
    async def cancel(
        self, request: UserRequest, order_id: FromPath[UUID], runner: Runner, settings: Config
    ) -> Response[Order]:
        """Take an order back: its payment is voided or refunded and its stock released.

        200 when it is cancelled, also when it was before; 202 with Location while that is under way.
        """
        annotate({names.ORDER_ID: str(order_id)})
        customer_id = request.user.subject
        held = await handlers.cancel_order(order_id, customer_id, runner.pace.lease, settings.bound, runner.clock())
        driver = runner.drive(held, resumed=True) if held else runner.driving(order_id)
        await _wait(driver, settings.answer_share)
        order = await queries.get_order(order_id, customer_id)
        return _answer(order, done=HTTP_200_OK, wanted={Status.CANCELLED})


@get("/audit/orders", operation_id="audit_orders", auth="service", summary="Audit orders", tags=["audit"])
async def audit_orders(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> AuditedOrders:
    """Every order by its id, with the totals of all of them on the first page."""
    totals = [] if cursor else [OrderTotal(**row) for row in await queries.total_orders()]
    rows, next_cursor = await queries.audit_orders(limit=limit, cursor=cursor)
    return AuditedOrders([Order.of(row) for row in rows], next_cursor, totals)


@get("/audit/sagas", operation_id="audit_sagas", auth="service", summary="Audit sagas", tags=["audit"])
async def audit_sagas(
    runner: Runner,
    open_only: Annotated[bool, QueryParameter(name="open", description="Only those that have not ended.")] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> AuditedSagas:
    """Every saga by its order's id, with the number of those that have not ended."""
    counts = await queries.count_sagas(runner.clock())
    rows, next_cursor = await queries.audit_sagas(open_only=open_only, limit=limit, cursor=cursor)
    return AuditedSagas([AuditedSaga.of(row) for row in rows], next_cursor, SagaTotals(counts.open, counts.stuck))


def check(order: NewOrder) -> None:
    """Hold an order to the rules that its schema cannot say.

    Raises:
        CardNumberNotAccepted: the token might be a card's number.
        InvalidOrder: a product stands on two lines, or the token is none.
    """
    if might_be_card_number(order.card_token):
        raise CardNumberNotAccepted("card_token", instead="send the token that the payment provider gave for the card")
    wrong = [
        FieldError(field=f"lines[{position}].sku", message="is not an identifier of a product")
        for position, line in enumerate(order.lines)
        if not is_sku(line.sku)
    ]
    wrong += [
        FieldError(field=f"lines[{position}].sku", message="stands on an earlier line; add the quantities up")
        for position in repeated_skus([line.sku for line in order.lines])
    ]
    if not is_card_token(order.card_token):
        wrong.append(FieldError(field="card_token", message="is not a token; those are letters, digits, `_` and `-`"))
    if wrong:
        raise InvalidOrder(wrong)


def _placement(order_id: UUID, customer_id: str, order: NewOrder) -> Placement:
    lines = tuple(OrderedLine(line.sku, line.quantity) for line in order.lines)
    return Placement(order_id, customer_id, lines, order.card_token)


async def _answer_again(order_id: UUID, customer_id: str, runner: SagaRunner, share: float) -> Response[Order]:
    """The answer to a request whose first attempt died after it had placed the order."""
    annotate({names.ORDER_ID: str(order_id)})
    await _wait(runner.driving(order_id), share)
    return _answer(await queries.get_order(order_id, customer_id), done=HTTP_201_CREATED)


async def _wait(driver: asyncio.Task[Held] | None, share: float) -> Held | None:
    """How far the saga came while the caller waits for the answer; None when it is still under way, and goes on."""
    deadline = current_deadline()
    if driver is None or deadline is None:
        return None
    done, _ = await asyncio.wait({driver}, timeout=deadline.remaining(time.monotonic()) * share)
    return driver.result() if done and not driver.cancelled() else None


def _answer(order: OrderRecord, *, done: int, wanted: Collection[Status] = ENDS) -> Response[Order]:
    """The order, and whether that is the end that is wanted."""
    if order.status in wanted:
        return Response(Order.of(order), status_code=done)
    location = {"Location": f"/orders/{order.order_id}"}
    return Response(Order.of(order), status_code=HTTP_202_ACCEPTED, headers=location)
