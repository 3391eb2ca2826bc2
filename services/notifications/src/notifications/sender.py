"""Sends what is due: at once when an event has arrived, again later when it failed."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from chassis.client import ServiceClient, UpstreamProblem
from chassis.correlation import bind_correlation_id, is_valid
from chassis.errors import PharosError
from chassis.telemetry import log, span, untraced
from notifications import letters, names, telemetry
from notifications.domain import backoff, is_address, render
from notifications.errors import NotYet, Undeliverable
from notifications.letters import Held, Letter, Status
from notifications.mail import MailServer, MailSession

COUNT_EVERY_S = 5.0


class _Customer(Struct):
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How messages are sent; times in seconds, as in the settings."""

    lease: float
    poll: float
    batch: int


class Sender:
    """One for a process."""

    def __init__(
        self,
        client: ServiceClient,
        server: MailServer,
        pace: Pace,
        *,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._client = client
        self._server = server
        self._pace = pace
        self._uniform = uniform
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look for messages now."""
        self._wake.set()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        loop, counted = asyncio.get_running_loop(), 0.0
        async with MailSession(self._server) as session:
            while True:
                self._wake.clear()
                if await self._send_due(session) == self._pace.batch:
                    continue
                if loop.time() - counted >= COUNT_EVERY_S:
                    counted = loop.time()
                    with untraced():
                        telemetry.PENDING.set(await letters.count_pending())
                if not await self._woken():
                    await session.close()

    async def _send_due(self, session: MailSession) -> int:
        """Send one batch; how many messages it had."""
        with untraced():
            batch = await letters.take_due(_now(), timedelta(seconds=self._pace.lease), self._pace.batch)
        await asyncio.gather(*(self._send(held, session) for held in batch))
        return len(batch)

    async def _woken(self) -> bool:
        """Wait for a message, or the time of the next look; whether there is a message."""
        try:
            async with asyncio.timeout(self._pace.poll):
                return await self._wake.wait()
        except TimeoutError:
            return False

    async def _send(self, held: Held, session: MailSession) -> None:
        """One try, in the trace of its event."""
        attributes = {
            names.NOTIFICATION_ID: str(held.notification_id),
            names.NOTIFICATION_KIND: held.kind.value,
            names.NOTIFICATION_ATTEMPT: held.attempts,
        }
        with ExitStack() as bound:
            if is_valid(held.correlation_id):
                bound.enter_context(bind_correlation_id(held.correlation_id))
            current = bound.enter_context(
                span("notification.send", parent=held.traceparent or None, attributes=attributes)
            )
            status = await self._try(held, session)
            current.set_attribute(names.NOTIFICATION_STATUS, status.value)

    async def _try(self, held: Held, session: MailSession) -> Status:
        try:
            letter = await self._write(held)
            await session.send(held, letter)
        except Undeliverable as error:
            await letters.record_undeliverable(held, str(error))
            telemetry.undeliverable(held.kind)
            log.warning("notification {} is undeliverable: {}", held.notification_id, error)
            return Status.UNDELIVERABLE
        except (NotYet, PharosError) as error:
            await self._postpone(held, str(error))
            return Status.PENDING
        await letters.record_sent(held, letter, _now())
        telemetry.sent(held.kind, (_now() - held.created_at).total_seconds())
        log.info("notification {} ({}) is sent", held.notification_id, held.kind.value)
        return Status.SENT

    async def _postpone(self, held: Held, reason: str) -> None:
        delay = backoff(held.attempts, self._uniform)
        await letters.record_failure(held, reason, _now() + timedelta(seconds=delay))
        telemetry.failed(held.kind)
        log.warning("notification {} is tried again in {:.1f} s: {}", held.notification_id, delay, reason)

    async def _write(self, held: Held) -> Letter:
        """Whom to write, and what.

        Raises:
            Undeliverable: there is no such customer, or no mail can be addressed to them.
            NotYet: whose order it is has not been told yet.
            PharosError: accounts cannot be asked.
        """
        customer = await self._customer(held)
        address = customer.email.strip()
        if not is_address(address):
            raise Undeliverable("the customer's address is not one that mail can be sent to")
        return Letter(address, render(held.kind, held.facts, customer.name))

    async def _customer(self, held: Held) -> _Customer:
        customer_id = held.customer_id or (await letters.customer_of(held.order_id) if held.order_id else None)
        if customer_id is None:
            raise NotYet("whose order it is has not been told yet")
        try:
            return await self._client.request(
                "accounts",
                "GET",
                "/customers/{customer_id}",
                operation="get_customer",
                path_params={"customer_id": customer_id},
                response=_Customer,
            )
        except UpstreamProblem as error:
            if error.upstream_status == 404:
                raise Undeliverable("accounts knows no such customer") from None
            raise


def _now() -> datetime:
    return datetime.now(UTC)
