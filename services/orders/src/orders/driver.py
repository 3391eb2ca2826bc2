"""Drives one saga: asks for its next action, writes down what came of it, until it has ended or has to wait."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opentelemetry import trace

from chassis.correlation import bind_correlation_id, is_valid
from chassis.errors import PharosError
from chassis.resilience import bind_deadline
from chassis.telemetry import log, span
from orders import handlers, names, sagas, telemetry
from orders.dependencies import Dependencies
from orders.domain.saga import Compensation, Done, Failed, Refused, Saga, Step, backoff, next_action, steer
from orders.handlers import Taken
from orders.sagas import Held, Lease

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


class Driver:
    """Drives any number of sagas, each in the caller's task; `stopping` has it hand them back at the next step."""

    def __init__(
        self, dependencies: Dependencies, pace: Pace, *, clock: Clock = utc_now, uniform: Uniform = random.uniform
    ) -> None:
        self.stopping = asyncio.Event()
        self._dependencies = dependencies
        self._pace = pace
        self._clock = clock
        self._uniform = uniform

    async def drive(self, held: Held, *, resumed: bool) -> Held:
        """Go on with the saga, in its own trace and without the deadline of whoever placed it; how far it came."""
        with ExitStack() as bound:
            bound.enter_context(bind_deadline(None))
            if is_valid(held.correlation_id):
                bound.enter_context(bind_correlation_id(held.correlation_id))
            try:
                return await self._go_on(held, resumed)
            except PharosError as error:
                log.warning("saga of order {} is left to be resumed: {}", held.order_id, error)
            except Exception:  # noqa: BLE001 - the saga stays open and is taken up again when its lease ends
                log.exception("saga of order {} failed; it is left to be resumed", held.order_id)
        return held

    async def _go_on(self, held: Held, resumed: bool) -> Held:
        current: Held | None = held
        if steer(held.saga, self._clock()) != held.saga or not isinstance(next_action(held.saga), Step | Compensation):
            current = await self._record_what_changed(held, resumed)
        while current is not None and isinstance(action := next_action(current.saga), Step | Compensation):
            held = current
            if self.stopping.is_set():
                await sagas.release(held, self._clock())
                return held
            current = await self._take(action, held, resumed)
            if current is not None and current.saga.attempts and not await self._wait_for_next_try(current):
                return current
        return current or held

    async def _take(self, action: Step | Compensation, held: Held, resumed: bool) -> Held | None:
        """Ask for one action and write down what came of it."""
        with self._span(action.value, held, resumed) as step:
            started_at = self._clock()
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
            recorded = await handlers.record(held, self._pace.lease, self._clock(), Taken(action, answer, started_at))
            _describe(step, recorded)
            return recorded

    async def _record_what_changed(self, held: Held, resumed: bool) -> Held | None:
        saga = steer(held.saga, self._clock())
        with self._span("cancel" if saga.backward else "confirm", held, resumed) as step:
            recorded = await handlers.record(held, self._pace.lease, self._clock())
            _describe(step, recorded)
            return recorded

    async def _wait_for_next_try(self, held: Held) -> bool:
        """Wait if it is not for long; else hand the saga back and return False."""
        delay = backoff(held.saga.attempts, self._uniform)
        if delay <= self._pace.patience:
            try:
                async with asyncio.timeout(delay):
                    await self.stopping.wait()
            except TimeoutError:
                return True
        await sagas.release(held, self._clock() + timedelta(seconds=delay))
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
        status = held.saga.status.value
        step.set_attributes({names.ORDER_STATUS: status, names.ORDER_REASON: held.reason or telemetry.NO_REASON})
        log.info("order {} is {}", held.order_id, f"{status}: {held.reason}" if held.reason else status)
