"""Carrying an operation to its end: tell the provider, take its answer, write down what it means, once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.messaging import publish
from chassis.persistence import after_commit, transaction
from chassis.telemetry import SpanKind, log, span
from payments import books, domain, names, telemetry
from payments.domain import Kind
from payments.errors import ProviderSilent
from payments.events import PAYMENT_CAPTURED, PAYMENT_REFUNDED, Money, PaymentCaptured, PaymentRefunded
from payments.provider import Answer, Provider
from payments.tables import Payment


@dataclass(frozen=True, slots=True)
class Settlement:
    """The provider, and how long it may take to answer (seconds)."""

    provider: Provider
    timeout: float

    @property
    def due(self) -> timedelta:
        """How long an operation belongs to whoever began it before the reconciler takes it up."""
        return timedelta(seconds=2 * self.timeout)

    async def carry_out(self, key: str) -> None:
        """Bring the operation to its end, unless it has ended.

        Raises:
            ProviderSilent: no answer came in time; the reconciler will ask again.
        """
        open_operation = await books.open_operation(key)
        if open_operation is None:
            return
        instruction, payment_id = open_operation.instruction, open_operation.payment_id
        attributes = {names.PAYMENT_ID: str(payment_id), names.PAYMENT_OPERATION: instruction.kind.value}
        try:
            with span(telemetry.PROVIDER_SPANS[instruction.kind], kind=SpanKind.CLIENT, attributes=attributes):
                async with asyncio.timeout(self.timeout):
                    answers = await self.provider.perform(instruction)
        except TimeoutError:
            telemetry.SILENT[instruction.kind].inc()
            raise ProviderSilent(payment_id) from None
        for answer in answers:
            await _settle(key, payment_id, answer)


async def _settle(key: str, payment_id: UUID, answer: Answer) -> None:
    """Write down what an answer means. Only the first answer to an operation has an effect."""
    now = datetime.now(UTC)
    async with transaction():
        row = await books.lock_payment(payment_id)
        asked = await books.operation(key)
        if row is None or asked is None:
            raise LookupError(f"operation {key} or its payment is gone")
        operation = domain.Operation(Kind(asked.kind), asked.amount_minor)
        if asked.status != books.PENDING:
            telemetry.DUPLICATE[operation.kind].inc()
            return
        await books.close_operation(key, approved=answer.approved, reference=answer.reference)
        if answer.approved:
            after_commit(telemetry.APPROVED[operation.kind].inc)
            await _approved(key, row, operation, now)
        else:
            after_commit(telemetry.DECLINED[operation.kind].inc)
            await _declined(row, operation, answer, now)


async def _approved(key: str, row: Payment, operation: domain.Operation, now: datetime) -> None:
    new = domain.settle(books.state(row), operation, approved=True)
    await books.store_state(row, new, now=now)
    await books.post(key, row, domain.journal(operation), kind=operation.kind)
    await _tell(row, new, operation, now)
    await give_back(row.payment_id, new, now)


async def _declined(row: Payment, operation: domain.Operation, answer: Answer, now: datetime) -> None:
    if operation.kind is not Kind.AUTHORISE:
        log.error("the provider refused to {} payment {}", operation.kind.value, row.payment_id)
    new = domain.settle(books.state(row), operation, approved=False)
    await books.store_state(row, new, decline_reason=answer.decline_reason, now=now)


async def give_back(payment_id: UUID, state: domain.Payment, now: datetime) -> None:
    """Begin what a cancelled order's payment still needs, in the open transaction; the reconciler carries it out."""
    needed = domain.give_back(state)
    if needed is not None and await books.open_operation_of(payment_id) is None:
        await books.begin(payment_id, needed, due=now, now=now)


async def _tell(row: Payment, new: domain.Payment, operation: domain.Operation, now: datetime) -> None:
    """Publish what others need to know of an approved operation."""
    subject, amount = str(row.payment_id), Money(operation.amount_minor, row.currency)
    if operation.kind is Kind.CAPTURE:
        captured = PaymentCaptured(row.payment_id, row.order_id, amount, now)
        await publish(PAYMENT_CAPTURED, captured, subject=subject)
    elif operation.kind is Kind.REFUND:
        refunded = Money(new.refunded_minor, row.currency)
        told = PaymentRefunded(row.payment_id, row.order_id, amount, refunded, now)
        await publish(PAYMENT_REFUNDED, told, subject=subject)
