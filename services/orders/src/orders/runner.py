"""Drives sagas: those of orders just placed, and those that another driver left."""

import asyncio
from uuid import UUID

from chassis.telemetry import untraced
from orders import queries, sagas, telemetry
from orders.driver import Clock, Driver, Pace, utc_now
from orders.sagas import Held

FAREWELL_S = 0.7
"""Drivers have this long to end their step when the process ends; chassis gives its jobs a second."""
COUNT_EVERY_S = 5.0
CROWD = 4
"""Sagas in hand for each that may be driven at a time, above which a new order is answered at once, as pending."""


class SagaRunner:
    """One for a process. A saga is driven in a task of its own, whatever becomes of the request that placed it."""

    def __init__(self, driver: Driver, pace: Pace, *, clock: Clock = utc_now) -> None:
        self.pace = pace
        self.clock = clock
        self._driver = driver
        self._turns = asyncio.Semaphore(pace.drivers)
        self._driven: dict[UUID, asyncio.Task[Held]] = {}
        self._wake = asyncio.Event()
        self._inherited = False

    def drive(self, held: Held, *, resumed: bool = False) -> asyncio.Task[Held]:
        """Drive a saga that this process holds, as soon as it is its turn; the task's result is how far it came."""
        task = asyncio.create_task(self._in_turn(held, resumed), name=f"saga {held.order_id}")
        self._driven[held.order_id] = task
        task.add_done_callback(lambda _: self._ended(held.order_id, task))
        return task

    @property
    def crowded(self) -> bool:
        """Whether so many sagas wait for their turn that a new one's caller should not wait for it."""
        return len(self._driven) > CROWD * self.pace.drivers

    def driving(self, order_id: UUID) -> asyncio.Task[Held] | None:
        """The task that drives this order's saga in this process, if one does."""
        return self._driven.get(order_id)

    async def run(self) -> None:
        """Resume what is due, until cancelled; then let the drivers end their step.

        Raises:
            DatabaseUnavailable: the database is away; drivers go on, and so does the next `run`.
        """
        counted = 0.0
        loop = asyncio.get_running_loop()
        try:
            await self._take_up_inheritance()
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

    async def _take_up_inheritance(self) -> None:
        """End the leases of this replica's earlier process, once: later they are this one's own."""
        if not self._inherited:
            with untraced():
                await sagas.expire_leases_of(self.pace.lease.instance, self.clock())
            self._inherited = True

    async def _resume_due(self) -> None:
        free = self.pace.drivers - len(self._driven)
        if free <= 0:
            return
        with untraced():
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
        self._driver.stopping.set()
        tasks = list(self._driven.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=FAREWELL_S)
            for task in late:
                task.cancel()

    async def _in_turn(self, held: Held, resumed: bool) -> Held:
        """Under overload some are driven to their end and the others wait, instead of all being late together."""
        async with self._turns:
            return await self._driver.drive(held, resumed=resumed)

    def _ended(self, order_id: UUID, task: asyncio.Task[Held]) -> None:
        if self._driven.get(order_id) is task:
            del self._driven[order_id]
        if len(self._driven) >= self.pace.drivers - 1:
            self._wake.set()
