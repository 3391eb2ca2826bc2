"""Drives sagas: those of orders just placed, and those that another driver left."""

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from opentelemetry import trace

from chassis.correlation import bind_correlation_id, is_valid
from chassis.errors import PharosError
from chassis.persistence import transaction
from chassis.resilience import bind_deadline
from chassis.telemetry import log, span, untraced
from orders import handlers, names, queries, sagas, telemetry
from orders.dependencies import Dependencies
from orders.domain.saga import Compensation, Done, Failed, Refused, Saga, Step, backoff, next_action, steer
from orders.handlers import Taken
from orders.sagas import Held, Lease

FAREWELL_S = 0.7
"""Drivers have this long to end their step when the process ends; chassis gives its jobs a second."""
COUNT_EVERY_S = 5.0

Clock = Callable[[], datetime]
Uniform = Callable[[float, float], float]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How sagas are driven; times in seconds, as in the settings."""

    lease: Lease
    patience: float
    poll: float
    drivers: int


class SagaRunner:
    """One for a process. A saga is driven in a task of its own, whatever becomes of the request that placed it."""

    def __init__(
        self, dependencies: Dependencies, pace: Pace, *, clock: Clock = utc_now, uniform: Uniform = random.uniform
    ) -> None:
        self.pace = pace
        self.clock = clock
        self._dependencies = dependencies
        self._uniform = uniform
        self._driven: dict[UUID, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()

    def drive(self, held: Held, *, resumed: bool = False) -> asyncio.Task[None]:
        """Start to drive a saga that this process holds."""
        task = asyncio.create_task(self._drive(held, resumed), name=f"saga {held.order_id}")
        self._driven[held.order_id] = task
        task.add_done_callback(lambda _: self._ended(held.order_id, task))
        return task

    def driving(self, order_id: UUID) -> Iterable[asyncio.Task[None]]:
        """The task that drives this order's saga in this process, if one does."""
        return [task for task in (self._driven.get(order_id),) if task is not None]

    async def run(self) -> None:
        """Resume what is due, until cancelled; then let the drivers end their step.

        Raises:
            DatabaseUnavailable: the database is away; drivers go on, and so does the next `run`.
        """
        counted = 0.0
        loop = asyncio.get_running_loop()
        try:
            with untraced():
                await sagas.expire_leases_of(self.pace.lease.instance, self.clock())
            while True:
                self._wake.clear()
                await self._resume_due()
                if loop.time() - counted >= COUNT_EVERY_S:
                    counted = loop.time()
                    await self._count()
                await self._pause()
        except asyncio.CancelledError:
            await self._say_farewell()
            raise

    async def _resume_due(self) -> None:
        free = self.pace.drivers - len(self._driven)
        if free <= 0:
            return
        with untraced():
            async with transaction():
                found = await sagas.take_due(self.pace.lease, self.clock(), free)
        for held in found:
            self.drive(held, resumed=True)

    async def _count(self) -> None:
        with untraced():
            counts = await queries.count_sagas(self.clock())
        telemetry.OPEN.set(counts.open)
        telemetry.STUCK.set(counts.stuck)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self.pace.poll):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _say_farewell(self) -> None:
        self._stopping.set()
        tasks = list(self._driven.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=FAREWELL_S)
            for task in late:
                task.cancel()

    def _ended(self, order_id: UUID, task: asyncio.Task[None]) -> None:
        if self._driven.get(order_id) is task:
            del self._driven[order_id]
        if len(self._driven) >= self.pace.drivers - 1:
            self._wake.set()

    async def _drive(self, held: Held, resumed: bool) -> None:
        with ExitStack() as bound:
            bound.enter_context(bind_deadline(None))
            if is_valid(held.correlation_id):
                bound.enter_context(bind_correlation_id(held.correlation_id))
            try:
                await self._go_on(held, resumed)
            except PharosError as error:
                log.warning("saga of order {} is left to be resumed: {}", held.order_id, error)
            except Exception:  # noqa: BLE001 - the saga stays open and is taken up again when its lease ends
                log.exception("saga of order {} failed; it is left to be resumed", held.order_id)

    async def _go_on(self, held: Held, resumed: bool) -> None:
        current: Held | None = held
        if steer(held.saga, self.clock()) != held.saga or not isinstance(next_action(held.saga), Step | Compensation):
            current = await self._record_what_changed(held, resumed)
        while current is not None and isinstance(action := next_action(current.saga), Step | Compensation):
            if self._stopping.is_set():
                await sagas.release(current, self.clock())
                return
            current = await self._take(action, current, resumed)
            if current is not None and current.saga.attempts and not await self._wait_for_next_try(current):
                return

    async def _take(self, action: Step | Compensation, held: Held, resumed: bool) -> Held | None:
        """Ask for one action and write down what came of it."""
        with self._span(action.value, held, resumed) as step:
            started_at = self.clock()
            answer = await self._dependencies.perform(action, held)
            match answer.outcome:
                case Done():
                    step.set_attribute(names.SAGA_OUTCOME, "done")
                case Refused(reason):
                    step.set_attributes({names.SAGA_OUTCOME: "refused", names.ORDER_REASON: reason.value})
                case Failed(error):
                    step.set_attribute(names.SAGA_OUTCOME, "failed")
                    telemetry.step_failed(action)
                    log.warning("{} failed and is tried again: {}", action.value, error)
            recorded = await handlers.record(held, self.pace.lease, self.clock(), Taken(action, answer, started_at))
            _describe(step, recorded)
            return recorded

    async def _record_what_changed(self, held: Held, resumed: bool) -> Held | None:
        saga = steer(held.saga, self.clock())
        with self._span("cancel" if saga.backward else "confirm", held, resumed) as step:
            recorded = await handlers.record(held, self.pace.lease, self.clock())
            _describe(step, recorded)
            return recorded

    async def _wait_for_next_try(self, held: Held) -> bool:
        """Wait if it is not for long; else hand the saga back and return False."""
        delay = backoff(held.saga.attempts, self._uniform)
        if delay <= self.pace.patience:
            try:
                async with asyncio.timeout(delay):
                    await self._stopping.wait()
            except TimeoutError:
                return True
        await sagas.release(held, self.clock() + timedelta(seconds=delay))
        return False

    def _span(self, step: str, held: Held, resumed: bool) -> span:
        return span(
            f"saga.step {step}",
            parent=held.traceparent or None,
            attributes={
                names.ORDER_ID: str(held.order_id),
                names.SAGA_STEP: step,
                names.SAGA_DIRECTION: _direction(held.saga),
                names.SAGA_ATTEMPT: held.saga.attempts + 1,
                names.SAGA_RESUMED: resumed,
            },
        )


def _direction(saga: Saga) -> str:
    return "backward" if saga.backward else "forward"


def _describe(step: trace.Span, held: Held | None) -> None:
    """What the recorded saga says of its order."""
    if held is None:
        log.warning("another driver has taken the saga over; nothing was written")
        return
    if not held.saga.open:
        reason = held.saga.reason.value if held.saga.reason else telemetry.NO_REASON
        step.set_attributes({names.ORDER_STATUS: held.saga.status.value, names.ORDER_REASON: reason})
        log.info("order {} is {} ({})", held.order_id, held.saga.status.value, reason)
