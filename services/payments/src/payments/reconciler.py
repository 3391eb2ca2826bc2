"""Operations the provider has not answered are taken up again, until it has."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.correlation import bind_correlation_id
from chassis.errors import Unavailable
from chassis.telemetry import log, span, untraced
from payments import books, domain, names, telemetry
from payments.domain import Kind, Operation
from payments.errors import ProviderSilent
from payments.settlement import Settlement
from payments.stored import StoredOperation

FIRST_PAUSE_S = 1.0
REFUSED_LONGEST_S = 900.0
"""A refusal is a decision of the bank, which another try seldom changes: longer than the pauses for silence."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks every `poll` seconds for at most `batch` operations; asks again with pauses that grow up to `longest`.

    Money that is held for `hold` seconds and was neither captured nor let go is let go.
    """

    settlement: Settlement
    poll: float
    batch: int
    longest: float
    hold: float = 900.0

    async def run(self) -> None:
        """Reconcile for ever; at once again after a full batch."""
        while True:
            await self.expire()
            await self.insist()
            if await self.reconcile() < self.batch:
                await asyncio.sleep(self.poll)

    async def reconcile(self) -> int:
        """Take up what is due, each operation in the trace of its own; how many were due."""
        with untraced():
            due = await books.due_operations(datetime.now(UTC), limit=self.batch)
        for operation in due:
            await self._take_up(operation)
        return len(due)

    async def expire(self) -> int:
        """Begin to let go of what is held for too long, each payment in the trace of its authorisation; how many.

        A capture that is begun first wins, and one that comes later is refused: both begin under the payment's lock.
        """
        now = datetime.now(UTC)
        with untraced():
            stale = await books.stale_authorisations(now - timedelta(seconds=self.hold), limit=self.batch)
        for found in stale:
            void = Operation(Kind.VOID, found.payment.state.amount_minor)
            if await self._begin(found, void, now):
                telemetry.EXPIRED.inc()
                log.warning("payment {} was held for {:.0f} s and is let go", found.payment.payment_id, self.hold)
        return len(stale)

    async def insist(self) -> int:
        """Begin again what the provider refused to let go or give back, with pauses that grow; how many."""
        now = datetime.now(UTC)
        with untraced():
            owed = await books.owed(now, first=FIRST_PAUSE_S, longest=REFUSED_LONGEST_S, limit=self.batch)
        for found in owed:
            state = found.payment.state
            await self._begin(found, domain.give_back(state) or Operation(Kind.VOID, state.amount_minor), now)
        return len(owed)

    async def _begin(self, found: StoredOperation, wanted: Operation, now: datetime) -> bool:
        """Begin an operation on a payment in the trace of what authorised it; whether it was still to be done."""
        payment = found.payment
        attributes = {names.PAYMENT_ID: str(payment.payment_id), names.PAYMENT_OPERATION: wanted.kind.value}
        with (
            bind_correlation_id(found.correlation_id or None),
            span(names.SPAN_PAYMENT_RECONCILE, parent=found.traceparent or None, attributes=attributes),
        ):
            return await books.begin(payment, wanted, due=now, now=now) is not None

    async def _take_up(self, found: StoredOperation) -> None:
        with untraced():
            now = datetime.now(UTC)
            if not await books.claim(found.key, now=now, until=now + self._pause(found.attempts)):
                return
        kind, payment_id = found.what.kind, found.payment.payment_id
        attributes = {names.PAYMENT_ID: str(payment_id), names.PAYMENT_OPERATION: kind.value}
        with (
            bind_correlation_id(found.correlation_id or None),
            span(names.SPAN_PAYMENT_RECONCILE, parent=found.traceparent or None, attributes=attributes),
        ):
            try:
                await self.settlement.carry_out(found)
            except (ProviderSilent, Unavailable) as error:
                log.warning("{} of payment {} is still open: {}", kind.value, payment_id, error)

    def _pause(self, attempts: int) -> timedelta:
        return timedelta(seconds=min(FIRST_PAUSE_S * 2.0 ** min(attempts, 20), self.longest))
