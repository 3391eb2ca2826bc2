"""Carrying an operation to its end: tell the provider, take its answer, write down what it means, once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.messaging import publish
from chassis.persistence import transaction
from chassis.telemetry import SpanKind, log, span
from payments import books, domain, names, telemetry
from payments.domain import Kind
from payments.errors import ProviderSilent
from payments.events import PAYMENT_CAPTURED, PAYMENT_REFUNDED, Money, PaymentCaptured, PaymentRefunded
from payments.provider import Answer, Provider, ProviderFailed
from payments.stored import Progress, StoredOperation, StoredPayment


@dataclass(frozen=True, slots=True)
class Settlement:
    """The provider, and how long it may take to answer (seconds)."""

    provider: Provider
    timeout: float

    @property
    def due(self) -> timedelta:
        """How long an operation belongs to whoever began it before the reconciler takes it up."""
        return timedelta(seconds=2 * self.timeout)

    async def carry_out(self, asked: StoredOperation) -> StoredOperation:
        """Bring the operation to its end, unless it has ended; the operation and its payment as they then are.

        Raises:
            ProviderSilent: no answer came in time, or that the provider fails; the reconciler will ask again.
        """
        if asked.progress is not Progress.PENDING:
            return asked
        first, *further = await self._ask(asked)
        ended = await _settle(asked, first)
        for answer in further:
            await _settle(asked, answer)
        return ended or await books.operation(asked.key)

    async def _ask(self, asked: StoredOperation) -> Sequence[Answer]:
        payment_id, kind = asked.payment.payment_id, asked.what.kind
        attributes = {names.PAYMENT_ID: str(payment_id), names.PAYMENT_OPERATION: kind.value}
        try:
            with span(telemetry.PROVIDER_SPANS[kind], kind=SpanKind.CLIENT, attributes=attributes):
                async with asyncio.timeout(self.timeout):
                    return await self.provider.perform(asked.instruction)
        except (TimeoutError, ProviderFailed) as error:
            telemetry.SILENT[kind].inc()
            if isinstance(error, ProviderFailed):
                log.warning("the provider failed to {} payment {}: {}", kind.value, payment_id, error)
            raise ProviderSilent(payment_id) from None


async def _settle(asked: StoredOperation, answer: Answer) -> StoredOperation | None:
    """Write down what an answer means. Only the first answer to an operation has an effect; None for any other.

    An order may have been cancelled while the provider was asked: its money is given back whether or not a capture was
    approved. A void or a refund that the provider refuses is not begun again here, for it would be refused again; the
    reconciler does so later.
    """
    now, kind = datetime.now(UTC), asked.what.kind
    async with transaction():
        ended = await books.settle(asked, answer, now=now)
        if ended is not None and answer.approved:
            await _tell(ended, now)
        if ended is not None and (answer.approved or kind is Kind.CAPTURE):
            await give_back(ended.payment, now)
    if ended is None:
        telemetry.DUPLICATE[kind].inc()
    elif answer.approved:
        telemetry.APPROVED[kind].inc()
    else:
        telemetry.DECLINED[kind].inc()
        if kind is not Kind.AUTHORISE:
            log.error("the provider refused to {} payment {}", kind.value, asked.payment.payment_id)
    return ended


async def give_back(payment: StoredPayment, now: datetime) -> None:
    """Begin what a cancelled order's payment still needs, in the open transaction; the reconciler carries it out.

    Where an operation is under way, its end will see to it.
    """
    needed = domain.give_back(payment.state)
    if needed is not None:
        await books.begin(payment, needed, due=now, now=now)


async def _tell(ended: StoredOperation, now: datetime) -> None:
    """Publish what others need to know of an approved operation."""
    payment = ended.payment
    subject, amount = str(payment.payment_id), Money(ended.what.amount_minor, payment.currency)
    if ended.what.kind is Kind.CAPTURE:
        captured = PaymentCaptured(payment.payment_id, payment.order_id, amount, now)
        await publish(PAYMENT_CAPTURED, captured, subject=subject)
    elif ended.what.kind is Kind.REFUND:
        refunded = Money(payment.state.refunded_minor, payment.currency)
        told = PaymentRefunded(payment.payment_id, payment.order_id, amount, refunded, now)
        await publish(PAYMENT_REFUNDED, told, subject=subject)
