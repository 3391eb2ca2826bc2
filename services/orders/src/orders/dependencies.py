"""What the saga asks of other services, and what their answers mean to it.

Each request carries a key made of the order and the action, so that asking again, by whichever process, has one effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from chassis.client import ServiceClient, UpstreamProblem
from chassis.errors import PharosError
from orders.domain.order import Reason
from orders.domain.saga import Compensation, Done, Failed, Outcome, Refused, Step
from orders.events import Money
from orders.sagas import Held


@dataclass(frozen=True, slots=True)
class Answer:
    """How an action went, and the prices that came with a reservation."""

    outcome: Outcome
    total: Money | None = None
    prices: Mapping[str, Money] = field(default_factory=dict)


class _Customer(Struct):
    customer_id: str


class _Line(Struct):
    sku: str
    quantity: int
    unit_price: Money


class _Reservation(Struct):
    reservation_id: str
    lines: list[_Line]
    total: Money


class _Payment(Struct):
    payment_id: str
    status: str


_REFUSED_BY_REASON = {
    (Step.RESERVE_STOCK, "insufficient-stock"): Reason.INSUFFICIENT_STOCK,
    (Step.RESERVE_STOCK, "unknown-sku"): Reason.UNKNOWN_SKU,
    (Step.CAPTURE_PAYMENT, "provider-refused"): Reason.PAYMENT_REFUSED,
}
_REFUSED_BY_STATUS = {
    (Step.VERIFY_CUSTOMER, 404): Reason.CUSTOMER_UNKNOWN,
    (Step.AUTHORISE_PAYMENT, 422): Reason.PAYMENT_REFUSED,
    (Step.COMMIT_RESERVATION, 409): Reason.RESERVATION_EXPIRED,
    (Step.CAPTURE_PAYMENT, 409): Reason.PAYMENT_REFUSED,
}
_NEVER_ACCEPTED = frozenset({400, 404, 405, 413, 415, 422})
"""Statuses that no further try can change."""
_KEY_IN_USE = "idempotency"
"""Reasons that begin so are about the key, not about the business."""


def meaning(action: Step | Compensation, error: PharosError) -> Outcome:
    """What a failed request says about the action: refused for good, or worth another try."""
    if isinstance(action, Step) and isinstance(error, UpstreamProblem):
        reason = _refusal(action, error.upstream_status, error.upstream_reason)
        if reason is not None:
            return Refused(reason)
    return Failed(str(error)[:200])


def _refusal(step: Step, status: int, reason: str) -> Reason | None:
    if reason.startswith(_KEY_IN_USE):
        return None
    known = _REFUSED_BY_REASON.get((step, reason)) or _REFUSED_BY_STATUS.get((step, status))
    return known or (Reason.STEP_FAILED if status in _NEVER_ACCEPTED else None)


class Dependencies:
    """The services a saga needs, through the process's client."""

    def __init__(self, client: ServiceClient, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    async def perform(self, action: Step | Compensation, held: Held) -> Answer:
        """Ask for the action and wait for its answer, at most the step's timeout."""
        try:
            return await self._ask(action, held)
        except PharosError as error:
            return Answer(meaning(action, error))

    async def _ask(self, action: Step | Compensation, held: Held) -> Answer:  # noqa: PLR0911 - one for each action
        match action:
            case Step.VERIFY_CUSTOMER:
                return await self._verify_customer(held)
            case Step.RESERVE_STOCK:
                return await self._reserve_stock(held)
            case Step.AUTHORISE_PAYMENT:
                return await self._authorise_payment(held)
            case Step.COMMIT_RESERVATION:
                return await self._reservation(action, held, "/reservations/{reservation_id}/commit")
            case Compensation.RELEASE_RESERVATION:
                return await self._reservation(action, held, "/reservations/{reservation_id}/release")
            case Step.CAPTURE_PAYMENT:
                return await self._payment(action, held, "/payments/{payment_id}/capture")
            case Compensation.VOID_PAYMENT:
                return await self._payment(action, held, "/payments/{payment_id}/void")
            case Compensation.REFUND_PAYMENT:
                return await self._payment(action, held, "/payments/{payment_id}/refund")

    async def _verify_customer(self, held: Held) -> Answer:
        await self._client.request(
            "accounts",
            "GET",
            "/customers/{customer_id}",
            operation="get_customer",
            path_params={"customer_id": held.customer_id},
            response=_Customer,
            timeout=self._timeout,
        )
        return Answer(Done())

    async def _reserve_stock(self, held: Held) -> Answer:
        reservation = await self._client.request(
            "inventory",
            "POST",
            "/reservations",
            operation="reserve_stock",
            json={
                "order_id": held.order_id,
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in held.lines],
            },
            response=_Reservation,
            idempotency_key=_key(held, Step.RESERVE_STOCK),
            timeout=self._timeout,
        )
        prices = {line.sku: line.unit_price for line in reservation.lines}
        return Answer(Done(reservation.reservation_id), reservation.total, prices)

    async def _authorise_payment(self, held: Held) -> Answer:
        payment = await self._client.request(
            "payments",
            "POST",
            "/payments",
            operation="authorise_payment",
            json={"order_id": held.order_id, "amount": held.total, "card_token": held.card_token},
            response=_Payment,
            idempotency_key=_key(held, Step.AUTHORISE_PAYMENT),
            timeout=self._timeout,
            attempt_timeout=self._timeout,
        )
        if payment.status == "pending":
            payment = await self._look_up(payment.payment_id)
        match payment.status:
            case "pending":
                return Answer(Failed("the card's provider has not answered"))
            case "declined":
                return Answer(Refused(Reason.CARD_DECLINED))
            case _:
                return Answer(Done(payment.payment_id))

    async def _look_up(self, payment_id: str) -> _Payment:
        return await self._client.request(
            "payments",
            "GET",
            "/payments/{payment_id}",
            operation="get_payment",
            path_params={"payment_id": payment_id},
            response=_Payment,
            timeout=self._timeout,
        )

    async def _reservation(self, action: Step | Compensation, held: Held, path: str) -> Answer:
        await self._client.request(
            "inventory",
            "POST",
            path,
            operation=action.value,
            path_params={"reservation_id": held.saga.reservation_id},
            idempotency_key=_key(held, action),
            timeout=self._timeout,
        )
        return Answer(Done())

    async def _payment(self, action: Step | Compensation, held: Held, path: str) -> Answer:
        await self._client.request(
            "payments",
            "POST",
            path,
            operation=action.value,
            path_params={"payment_id": held.saga.payment_id},
            idempotency_key=_key(held, action),
            timeout=self._timeout,
            attempt_timeout=self._timeout,
        )
        return Answer(Done())


def _key(held: Held, action: Step | Compensation) -> str:
    return f"{held.order_id}.{action.value}"
