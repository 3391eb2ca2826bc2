"""The use cases of payments: load, decide, commit."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from chassis.idempotency import Attempt
from chassis.ids import uuid7
from chassis.messaging import Event, consumer
from chassis.pages import Cut, cut, decode_cursor
from chassis.persistence import transaction
from chassis.telemetry import annotate
from payments import books, cards, domain, names
from payments.cards import CardNumberError, InvalidTokenError
from payments.domain import CancelledError, Kind, Money, Operation, RefundTooLargeError, RefusedOperationError, Status
from payments.errors import (
    CardNumberNotAccepted,
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
from payments.tables import Payment

Decision = Callable[[domain.Payment], Operation | None]


async def authorise(
    *, order_id: UUID, amount: Money, card_token: str, attempt: Attempt, settlement: Settlement
) -> Payment:
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
        raise CardNumberNotAccepted from None
    except InvalidTokenError as error:
        raise InvalidCardToken(str(error)) from None
    if attempt.reference is None:
        payment_id, key = await _create(order_id, amount, card_token, attempt, settlement)
    else:
        payment_id = UUID(attempt.reference)
        key = await books.open_operation_of(payment_id)
    if key is not None:
        await settlement.carry_out(key)
    return await get(payment_id)


async def capture(payment_id: UUID, settlement: Settlement) -> Payment:
    """Take the money that is held; once, however often it is asked.

    Raises:
        PaymentUnknown, OperationRefused, OrderIsCancelled, ProviderSilent, ProviderRefused
    """
    return await _carry(payment_id, domain.capture, settlement)


async def void(payment_id: UUID, settlement: Settlement) -> Payment:
    """Let go of the money that is held; once, however often it is asked.

    Raises:
        PaymentUnknown, OperationRefused, ProviderSilent, ProviderRefused
    """
    return await _carry(payment_id, domain.void, settlement)


async def refund(payment_id: UUID, amount: Money | None, attempt: Attempt, settlement: Settlement) -> Payment:
    """Give captured money back: `amount` of it, or all that is left.

    Raises:
        PaymentUnknown, OperationRefused, RefundTooLarge, CurrencyDiffers, ProviderSilent, ProviderRefused
    """
    if attempt.reference is not None:
        return await _conclude(payment_id, attempt.reference, settlement)
    payment = await get(payment_id)
    if amount is not None and amount.currency != payment.currency:
        raise CurrencyDiffers(payment.currency)
    wanted = None if amount is None else amount.amount_minor
    return await _carry(payment_id, lambda state: domain.refund(state, wanted), settlement, attempt)


async def get(payment_id: UUID) -> Payment:
    """The payment.

    Raises:
        PaymentUnknown: there is none such.
    """
    payment = await Payment.objects().where(Payment.payment_id == payment_id).first()
    if payment is None:
        raise PaymentUnknown
    annotate(
        {
            names.PAYMENT_ID: str(payment_id),
            names.PAYMENT_STATUS: payment.status,
            names.ORDER_ID: str(payment.order_id),
        }
    )
    return payment


async def audit(*, limit: int, cursor: str | None) -> Cut[Payment]:
    """All payments in the order of their making.

    Raises:
        InvalidCursor: the cursor is not one of this list.
    """
    query = Payment.objects().order_by(Payment.payment_id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Payment.payment_id > decode_cursor(cursor, tuple[UUID])[0])
    return cut(await query, limit, lambda row: (row.payment_id,))


@consumer(ORDER_CANCELLED, data=OrderCancelled)
async def give_back_cancelled_order(event: Event[OrderCancelled]) -> None:
    """See to it that a cancelled order's money is let go or given back, and that none is taken for it later."""
    order_id, now = event.data.order_id, datetime.now(UTC)
    annotate({names.ORDER_ID: str(order_id)})
    await books.lock_order(order_id)
    await books.cancel_order(order_id)
    payment = await books.live_payment_of(order_id)
    row = await books.lock_payment(payment.payment_id) if payment else None
    if row is not None:
        cancelled = domain.cancel(books.state(row))
        await books.store_state(row, cancelled, now=now)
        await give_back(row.payment_id, cancelled, now)


async def _create(
    order_id: UUID, amount: Money, card_token: str, attempt: Attempt, settlement: Settlement
) -> tuple[UUID, str | None]:
    """Store a new payment and the operation that will authorise it; their id and key."""
    payment_id, now = uuid7(), datetime.now(UTC)
    async with transaction():
        if await books.lock_order(order_id):
            raise OrderIsCancelled
        live = await books.live_payment_of(order_id)
        if live is not None:
            raise OrderAlreadyPaid(live.payment_id)
        await Payment.insert(
            Payment(
                payment_id=payment_id,
                order_id=order_id,
                card_token=card_token,
                status=Status.PENDING.value,
                amount_minor=amount.amount_minor,
                currency=amount.currency,
                created_at=now,
                updated_at=now,
            )
        )
        operation = Operation(Kind.AUTHORISE, amount.amount_minor)
        key = await books.begin(payment_id, operation, due=now + settlement.due, now=now)
        await attempt.remember(str(payment_id))
    return payment_id, key


async def _carry(payment_id: UUID, decide: Decision, settlement: Settlement, attempt: Attempt | None = None) -> Payment:
    """Decide when nothing else is under way for the payment, and carry out what was decided."""
    while True:
        begun, under_way = await _begin(payment_id, decide, settlement, attempt)
        if begun is not None:
            return await _conclude(payment_id, begun, settlement)
        if under_way is None:
            return await get(payment_id)
        await settlement.carry_out(under_way)


async def _begin(
    payment_id: UUID, decide: Decision, settlement: Settlement, attempt: Attempt | None
) -> tuple[str | None, str | None]:
    """The key of the operation that was begun, if one is needed; or else that of the one already under way."""
    now, begun = datetime.now(UTC), None
    async with transaction():
        row = await books.lock_payment(payment_id)
        if row is None:
            raise PaymentUnknown
        under_way = await books.open_operation_of(payment_id)
        operation = _decide(decide, books.state(row)) if under_way is None else None
        if operation is not None:
            begun = await books.begin(payment_id, operation, due=now + settlement.due, now=now)
            if attempt is not None:
                await attempt.remember(begun)
    return begun, under_way


async def _conclude(payment_id: UUID, key: str, settlement: Settlement) -> Payment:
    """Carry the operation out; the payment after it."""
    await settlement.carry_out(key)
    operation = await books.operation(key)
    if operation is not None and operation.status == books.DECLINED:
        raise ProviderRefused(Kind(operation.kind))
    return await get(payment_id)


def _decide(decide: Decision, state: domain.Payment) -> Operation | None:
    try:
        return decide(state)
    except CancelledError:
        raise OrderIsCancelled from None
    except RefusedOperationError as error:
        raise OperationRefused(error) from None
    except RefundTooLargeError as error:
        raise RefundTooLarge(str(error)) from None
