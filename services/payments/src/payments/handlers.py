"""The use cases of payments: load, decide, commit."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from chassis.http.cards import CardNumberNotAccepted
from chassis.idempotency import Attempt
from chassis.ids import uuid7
from chassis.messaging import Event, consumer
from chassis.pages import Cut, cut, decode_cursor
from chassis.persistence import transaction
from chassis.telemetry import annotate
from payments import books, cards, domain, names
from payments.cards import CardNumberError, InvalidTokenError
from payments.domain import CancelledError, Money, Operation, RefundTooLargeError, RefusedOperationError, Status
from payments.errors import (
    CurrencyDiffers,
    InvalidCardToken,
    OperationRefused,
    OrderAlreadyPaid,
    OrderIsCancelled,
    PaymentUnknown,
    ProviderRefused,
    RefundTooLarge,
)
from payments.events import ORDER_CANCELLED, OrderCancelled
from payments.settlement import Settlement, give_back
from payments.stored import AuditedPayment, Progress, StoredOperation, StoredPayment

Decision = Callable[[domain.Payment], Operation | None]


async def authorise(
    *, order_id: UUID, amount: Money, card_token: str, attempt: Attempt, settlement: Settlement
) -> StoredPayment:
    """Hold the money for an order; the payment, authorised or declined.

    Raises:
        CardNumberNotAccepted: the token looks like a card number.
        InvalidCardToken: the token is none.
        OrderIsCancelled: no money is taken for it any more.
        OrderAlreadyPaid: the order has another payment.
        ProviderSilent: the outcome is not known yet; asked again with the same key, it is found.
    """
    annotate({names.ORDER_ID: str(order_id)})
    try:
        card_token = cards.check_token(card_token)
    except CardNumberError:
        raise CardNumberNotAccepted("card_token", instead="send a token of the provider, such as tok_approve") from None
    except InvalidTokenError as error:
        raise InvalidCardToken(str(error)) from None
    if attempt.reference is None:
        begun = await _open(order_id, amount, card_token, attempt, settlement)
        return _annotated((await settlement.carry_out(begun)).payment)
    payment, under_way = await _find(UUID(attempt.reference))
    return _annotated(payment if under_way is None else (await settlement.carry_out(under_way)).payment)


async def capture(payment_id: UUID, settlement: Settlement) -> StoredPayment:
    """Take the money that is held; once, however often it is asked.

    Raises:
        PaymentUnknown, OperationRefused, OrderIsCancelled, ProviderSilent, ProviderRefused
    """
    return await _carry(payment_id, domain.capture, settlement)


async def void(payment_id: UUID, settlement: Settlement) -> StoredPayment:
    """Let go of the money that is held; once, however often it is asked.

    Raises:
        PaymentUnknown, OperationRefused, ProviderSilent, ProviderRefused
    """
    return await _carry(payment_id, domain.void, settlement)


async def refund(payment_id: UUID, amount: Money | None, attempt: Attempt, settlement: Settlement) -> StoredPayment:
    """Give captured money back: `amount` of it, or all that is left.

    Raises:
        PaymentUnknown, OperationRefused, RefundTooLarge, CurrencyDiffers, ProviderSilent, ProviderRefused
    """
    if attempt.reference is not None:
        return await _conclude(await books.operation(attempt.reference), settlement)
    payment = await get(payment_id)
    if amount is not None and amount.currency != payment.currency:
        raise CurrencyDiffers(payment.currency)
    wanted = None if amount is None else amount.amount_minor
    return await _carry(payment_id, lambda state: domain.refund(state, wanted), settlement, attempt)


async def get(payment_id: UUID) -> StoredPayment:
    """The payment.

    Raises:
        PaymentUnknown: there is none such.
    """
    payment = await books.payment(payment_id)
    if payment is None:
        raise PaymentUnknown
    return _annotated(payment)


async def audit(*, limit: int, cursor: str | None) -> Cut[AuditedPayment]:
    """All payments in the order of their making.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    after = None if cursor is None else decode_cursor(cursor, tuple[UUID])[0]
    rows = await books.audited(limit=limit + 1, after=after)
    return cut(rows, limit, lambda row: (row.payment.payment_id,))


@consumer(ORDER_CANCELLED, data=OrderCancelled)
async def give_back_cancelled_order(event: Event[OrderCancelled]) -> None:
    """See to it that a cancelled order's money is let go or given back, and that none is taken for it later."""
    order_id, now = event.data.order_id, datetime.now(UTC)
    annotate({names.ORDER_ID: str(order_id)})
    payment = await books.cancel_order(order_id, now=now)
    if payment is not None:
        await give_back(payment, now)


async def _open(
    order_id: UUID, amount: Money, card_token: str, attempt: Attempt, settlement: Settlement
) -> StoredOperation:
    """Store a new payment and the operation that will authorise it."""
    now = datetime.now(UTC)
    state = domain.Payment(Status.PENDING, amount.amount_minor)
    new = StoredPayment(uuid7(), order_id, card_token, amount.currency, state, created_at=now)
    async with transaction():
        begun, live = await books.open_payment(new, due=now + settlement.due)
        if live is None:
            raise OrderIsCancelled
        if live != new.payment_id:
            raise OrderAlreadyPaid(live)
        await attempt.remember(str(new.payment_id))
    return begun


async def _find(payment_id: UUID) -> tuple[StoredPayment, StoredOperation | None]:
    found = await books.payment_under_way(payment_id)
    if found is None:
        raise PaymentUnknown
    return found


async def _carry(
    payment_id: UUID, decide: Decision, settlement: Settlement, attempt: Attempt | None = None
) -> StoredPayment:
    """Decide when nothing else is under way for the payment, and carry out what was decided.

    What was decided is begun only if the payment has not changed meanwhile; otherwise it is looked at again.
    """
    while True:
        payment, under_way = await _find(payment_id)
        if under_way is not None:
            await settlement.carry_out(under_way)
            continue
        wanted = _decide(decide, payment.state)
        if wanted is None:
            return _annotated(payment)
        begun = await _begin(payment, wanted, settlement, attempt)
        if begun is not None:
            return await _conclude(begun, settlement)


async def _begin(
    payment: StoredPayment, wanted: Operation, settlement: Settlement, attempt: Attempt | None
) -> StoredOperation | None:
    """Write down what is wanted, and tie the attempt to it; None when the payment has changed."""
    now = datetime.now(UTC)
    due = now + settlement.due
    if attempt is None:
        return await books.begin(payment, wanted, due=due, now=now)
    async with transaction():
        begun = await books.begin(payment, wanted, due=due, now=now)
        if begun is not None:
            await attempt.remember(begun.key)
    return begun


async def _conclude(begun: StoredOperation, settlement: Settlement) -> StoredPayment:
    """Carry the operation out; the payment after it."""
    ended = await settlement.carry_out(begun)
    if ended.progress is Progress.DECLINED:
        raise ProviderRefused(ended.what.kind)
    return _annotated(ended.payment)


def _annotated(payment: StoredPayment) -> StoredPayment:
    annotate(
        {
            names.PAYMENT_ID: str(payment.payment_id),
            names.PAYMENT_STATUS: payment.state.status.value,
            names.ORDER_ID: str(payment.order_id),
        }
    )
    return payment


def _decide(decide: Decision, state: domain.Payment) -> Operation | None:
    try:
        return decide(state)
    except CancelledError:
        raise OrderIsCancelled from None
    except RefusedOperationError as error:
        raise OperationRefused(error) from None
    except RefundTooLargeError as error:
        raise RefundTooLarge(str(error)) from None
