"""The HTTP API of payments."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from chassis.idempotency import Attempt, idempotent
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from payments import handlers, ledger
from payments.schemas import AuditedPaymentView, LedgerView, PaymentRequest, Payments, PaymentView, RefundRequest
from payments.settlement import Settlement

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, QueryParameter(max_length=200, description="`next_cursor` of the page before.")]
Settler = NamedDependency[Settlement]


class PaymentsController(Controller):
    """Payments for orders."""

    path = "/payments"
    tags = ("payments",)

    @post("/", operation_id="authorise_payment", auth="service", summary="Hold the money for an order")
    @idempotent
    async def authorise(self, data: JSONBody[PaymentRequest], settlement: Settler, attempt: Attempt) -> PaymentView:
        """A declined payment is an answer as well: see `status` and `decline_reason`.

        422 `card-number-not-accepted`, 409 `order-already-paid`, 409 `order-cancelled`, 504 `provider-silent`: ask
        again with the same key.
        """
        payment = await handlers.authorise(
            order_id=data.order_id,
            amount=data.amount.money(),
            card_token=data.card_token,
            attempt=attempt,
            settlement=settlement,
        )
        return PaymentView.of(payment)

    @get("/{payment_id:uuid}", operation_id="get_payment", auth="service", summary="Show a payment")
    async def get_payment(self, payment_id: FromPath[UUID]) -> PaymentView:
        """One payment; 404 `payment-unknown` when there is none."""
        return PaymentView.of(await handlers.get(payment_id))

    @post(
        "/{payment_id:uuid}/capture",
        operation_id="capture_payment",
        auth="service",
        status_code=200,
        summary="Take the money that is held",
    )
    async def capture(self, payment_id: FromPath[UUID], settlement: Settler) -> PaymentView:
        """Taken once, however often it is asked.

        409 `payment-status`, 409 `order-cancelled`, 409 `provider-refused`, 504 `provider-silent`.
        """
        return PaymentView.of(await handlers.capture(payment_id, settlement))

    @post(
        "/{payment_id:uuid}/void",
        operation_id="void_payment",
        auth="service",
        status_code=200,
        summary="Let go of the money that is held",
    )
    async def void(self, payment_id: FromPath[UUID], settlement: Settler) -> PaymentView:
        """Let go once, however often it is asked. 409 `payment-status`: what was captured is refunded instead."""
        return PaymentView.of(await handlers.void(payment_id, settlement))

    @post(
        "/{payment_id:uuid}/refund",
        operation_id="refund_payment",
        auth="service",
        status_code=200,
        summary="Give captured money back",
    )
    @idempotent
    async def refund(
        self,
        payment_id: FromPath[UUID],
        settlement: Settler,
        attempt: Attempt,
        data: JSONBody[RefundRequest | None] = None,
    ) -> PaymentView:
        """Once per Idempotency-Key. 409 `payment-status`, 422 `refund-too-large`, 422 `currency-differs`."""
        amount = data.amount.money() if data is not None and data.amount is not None else None
        return PaymentView.of(await handlers.refund(payment_id, amount, attempt, settlement))


@get("/audit/payments", operation_id="audit_payments", auth="service", summary="Audit payments", tags=["audit"])
async def audit_payments(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Payments:
    """All payments in the order of their making, each beside what the ledger says of it."""
    rows, next_cursor = await handlers.audit(limit=limit, cursor=cursor)
    return Payments([AuditedPaymentView.audited(row) for row in rows], next_cursor)


@get("/audit/ledger", operation_id="audit_ledger", auth="service", summary="Audit the ledger", tags=["audit"])
async def audit_ledger() -> LedgerView:
    """The balance of each account, and whether every journal sums to zero."""
    return LedgerView.of(await ledger.summarise())
