"""The HTTP API of payments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import Parameter
from msgspec import Meta, Struct

from chassis.idempotency import Attempt, idempotent
from chassis.pages import DEFAULT_LIMIT, MAX_LIMIT
from payments import books, domain, handlers, ledger
from payments.domain import Account, Status
from payments.settlement import Settlement
from payments.tables import Payment

Identifier = Annotated[UUID, Meta(examples=["019a8f3e-5a77-7c1e-8a55-0c9d5f1f4a10"])]
Minor = Annotated[int, Meta(ge=1, le=1_000_000_000_000, examples=[2500], description="In the minor unit (cents).")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", examples=["EUR"], description="ISO 4217 code.")]
CardToken = Annotated[
    str,
    Meta(max_length=200, examples=["tok_approve"], description="The provider's token of a card; never its number."),
]
Limit = Annotated[int, Parameter(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, Parameter(max_length=200, description="`next_cursor` of the page before.")]


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code; more than nothing."""

    amount_minor: Minor
    currency: Currency


class Balance(Struct, frozen=True):
    """An amount in the currency's minor unit (cents), with its ISO 4217 code; zero or below as well."""

    amount_minor: Annotated[int, Meta(examples=[2500])]
    currency: Annotated[str, Meta(examples=["EUR"])]


class PaymentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What to hold for an order, on which card."""

    order_id: Identifier
    amount: Money
    card_token: CardToken


class RefundRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How much to give back; all that is left when `amount`, or the whole body, is left out."""

    amount: Money | None = None


class PaymentView(Struct, frozen=True):
    """A payment. `decline_reason` is null unless the provider declined it."""

    payment_id: Identifier
    order_id: Identifier
    status: Status
    amount: Balance
    refunded: Balance
    decline_reason: Annotated[str | None, Meta(examples=[None])]
    created_at: datetime


class Payments(Struct, frozen=True):
    """One page of payments, the oldest first; `next_cursor` is null in the last one."""

    items: list[PaymentView]
    next_cursor: str | None


class AccountView(Struct, frozen=True):
    """What stands on one account in one currency: positive is a debit, negative a credit."""

    account: Account
    balance: Balance


class LedgerView(Struct, frozen=True):
    """The whole ledger: in every currency the balances sum to zero, and `unbalanced` is 0."""

    accounts: list[AccountView]
    journals: Annotated[int, Meta(examples=[3])]
    entries: Annotated[int, Meta(examples=[6])]
    unbalanced: Annotated[int, Meta(examples=[0], description="Journals that do not sum to zero.")]


class PaymentsController(Controller):
    """Payments for orders."""

    path = "/payments"
    tags = ("payments",)

    @post("/", operation_id="authorise_payment", auth="service", summary="Hold the money for an order")
    @idempotent
    async def authorise(self, data: PaymentRequest, settlement: Settlement, attempt: Attempt) -> PaymentView:
        """A declined payment is an answer as well: see `status` and `decline_reason`.

        422 `card-number-not-accepted`, 409 `order-already-paid`, 409 `order-cancelled`, 504 `provider-silent`: ask
        again with the same key.
        """
        payment = await handlers.authorise(
            order_id=data.order_id,
            amount=_wanted(data.amount),
            card_token=data.card_token,
            attempt=attempt,
            settlement=settlement,
        )
        return _view(payment)

    @get("/{payment_id:uuid}", operation_id="get_payment", auth="service", summary="Show a payment")
    async def get_payment(self, payment_id: UUID) -> PaymentView:
        """One payment; 404 `payment-unknown` when there is none."""
        return _view(await handlers.get(payment_id))

    @post(
        "/{payment_id:uuid}/capture",
        operation_id="capture_payment",
        auth="service",
        status_code=200,
        summary="Take the money that is held",
    )
    async def capture(self, payment_id: UUID, settlement: Settlement) -> PaymentView:
        """Taken once, however often it is asked. 409 `payment-status`, 409 `order-cancelled`, 504 `provider-silent`."""
        return _view(await handlers.capture(payment_id, settlement))

    @post(
        "/{payment_id:uuid}/void",
        operation_id="void_payment",
        auth="service",
        status_code=200,
        summary="Let go of the money that is held",
    )
    async def void(self, payment_id: UUID, settlement: Settlement) -> PaymentView:
        """Let go once, however often it is asked. 409 `payment-status`: what was captured is refunded instead."""
        return _view(await handlers.void(payment_id, settlement))

    @post(
        "/{payment_id:uuid}/refund",
        operation_id="refund_payment",
        auth="service",
        status_code=200,
        summary="Give captured money back",
    )
    @idempotent
    async def refund(
        self, payment_id: UUID, settlement: Settlement, attempt: Attempt, data: RefundRequest | None = None
    ) -> PaymentView:
        """Once per Idempotency-Key. 409 `payment-status`, 422 `refund-too-large`, 422 `currency-differs`."""
        amount = _wanted(data.amount) if data is not None and data.amount is not None else None
        return _view(await handlers.refund(payment_id, amount, attempt, settlement))


@get("/audit/payments", operation_id="audit_payments", auth="service", summary="Audit payments", tags=["audit"])
async def audit_payments(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Payments:
    """All payments in the order of their making."""
    rows, next_cursor = await handlers.audit(limit=limit, cursor=cursor)
    return Payments([_view(row) for row in rows], next_cursor)


@get("/audit/ledger", operation_id="audit_ledger", auth="service", summary="Audit the ledger", tags=["audit"])
async def audit_ledger() -> LedgerView:
    """The balance of each account, and whether every journal sums to zero."""
    summary = await ledger.summarise()
    return LedgerView(
        accounts=[AccountView(each.account, _shown(each.balance)) for each in summary.balances],
        journals=summary.journals,
        entries=summary.entries,
        unbalanced=summary.unbalanced,
    )


def _view(payment: Payment) -> PaymentView:
    return PaymentView(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        status=books.state(payment).status,
        amount=Balance(payment.amount_minor, payment.currency),
        refunded=Balance(payment.refunded_minor, payment.currency),
        decline_reason=payment.decline_reason,
        created_at=payment.created_at,
    )


def _wanted(money: Money) -> domain.Money:
    return domain.Money(money.amount_minor, money.currency)


def _shown(money: domain.Money) -> Balance:
    return Balance(money.amount_minor, money.currency)
