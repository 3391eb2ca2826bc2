"""Lets requests in or sends them away: the limiter and the load stage with a clock, a queue and telemetry."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from typing import Any

from chassis.errors import Unavailable
from chassis.http.shedding import SHEDDING, tell_stage
from chassis.resilience.limiter import Limiter
from chassis.resilience.load import Load, Look, Stage
from chassis.resilience.places import Place
from chassis.resilience.priority import Priority
from chassis.resilience.requests import RequestLimits

LONGEST_PAUSE_S = 3
"""Whoever is sent away comes back after one to three whole seconds, drawn, so that not all come back at once."""


class Overloaded(Unavailable):
    """The process has more to do than it can; this request was not begun and can safely be sent again."""

    reason = "overloaded"
    title = "Overloaded"

    def __init__(self, priority: Priority, cause: str, retry_after: int) -> None:
        super().__init__(
            f"The service is asked for more than it can do now, so this request was not begun ({cause}). "
            f"Send it again after {retry_after} s.",
            retry_after=retry_after,
            limit=cause,
            priority=priority.word,
        )
        self.cause = cause


class Admission:
    """The gate of one process."""

    def __init__(
        self,
        config: RequestLimits,
        *,
        memory: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.monotonic,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        """`memory` tells the resident memory as a share of its limit."""
        self._config = config
        self._memory = memory
        self._uniform = uniform
        self.limiter: Limiter[asyncio.Future[None]] = Limiter(config, clock())
        self.load = Load(config)
        SHEDDING.follow(self)

    def look(self, lag: float) -> None:
        """Take in a look at the process; `lag` is the event loop's, in seconds."""
        before = self.load.stage
        stage = self.load.look(Look(lag, self._memory()))
        if stage is not before:
            tell_stage(stage)

    def enter(self, priority: Priority) -> Place | None:
        """A place at once, if there is one."""
        if self.load.stage is not Stage.CALM and self.load.refuses(priority):
            return None
        return Place(self.limiter, priority, _call) if self.limiter.enter(priority) else None

    async def wait(self, priority: Priority) -> Place:
        """A place within the time that one may wait for it.

        Raises:
            Overloaded: there was none, or requests of this priority are not let in now.
        """
        if self.load.refuses(priority):
            raise self._overloaded(priority, "load")
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue(priority, ticket)
        try:
            await asyncio.wait([ticket], timeout=self._config.queue_wait)
        except BaseException:
            self._abandon(priority, ticket)
            raise
        if not ticket.done() or ticket.cancelled():
            self.limiter.give_up(priority, ticket)
            raise self._overloaded(priority, "concurrency")
        return Place(self.limiter, priority, _call)

    def _queue(self, priority: Priority, ticket: "asyncio.Future[None]") -> None:
        """Queue up; where the queue is full, in place of somebody less important, who is sent away."""
        if self.limiter.wait(priority, ticket):
            return
        displaced = self.limiter.displace(priority)
        if displaced is None or not self.limiter.wait(priority, ticket):
            raise self._overloaded(priority, "concurrency")
        displaced.cancel()

    def _abandon(self, priority: Priority, ticket: "asyncio.Future[None]") -> None:
        """Give back what a cancelled request waited for, or just got."""
        if ticket.done() and not ticket.cancelled():
            _call(self.limiter.free(priority))
        else:
            self.limiter.give_up(priority, ticket)

    def _overloaded(self, priority: Priority, cause: str) -> Overloaded:
        seconds = 1 + int(self._uniform() * LONGEST_PAUSE_S)
        SHEDDING.count(priority, cause, seconds, self.limiter.limit)
        return Overloaded(priority, cause, seconds)


def _call(tickets: Iterable[Any]) -> None:
    for ticket in tickets:
        ticket.set_result(None)
