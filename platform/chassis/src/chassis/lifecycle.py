"""A process's life: starting → ready → draining → stopped, and the background jobs it keeps running meanwhile."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger

SHORTEST_RESTART_S = 0.25
LONGEST_RESTART_S = 30.0
HEALTHY_AFTER_S = 60.0
"""A job that ran this long before failing starts again at the shortest delay."""


class Phase(StrEnum):
    """Where a process is in its life."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    STOPPED = "stopped"


class Lifecycle:
    """The phase of one process; it only ever moves forward."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING

    def advance(self, phase: Phase) -> None:
        """Enter a phase; a phase already left is ignored, so that a signal during start-up is not lost."""
        order = list(Phase)
        if order.index(phase) > order.index(self.phase):
            logger.info("{} after {}", phase.value, self.phase.value)
            self.phase = phase

    @property
    def started(self) -> bool:
        """Whether start-up is complete."""
        return self.phase is not Phase.STARTING

    @property
    def draining(self) -> bool:
        """Whether the process is on its way out."""
        return self.phase in {Phase.DRAINING, Phase.STOPPED}


@dataclass(frozen=True, slots=True)
class Background:
    """A job that runs beside the requests: started at start-up, cancelled at the end of the drain.

    If `run` raises, it is logged and started again after a growing, jittered delay. If it returns, it is done.
    """

    name: str
    run: Callable[[], Awaitable[None]]


def restart_delay(failures: int, jitter: float) -> float:
    """Seconds until a job's next start after so many failures in a row; `jitter` is drawn from 0 to 1."""
    ceiling = min(LONGEST_RESTART_S, SHORTEST_RESTART_S * 2.0 ** min(failures - 1, 10))
    return ceiling * (0.5 + jitter / 2)


async def keep_running(job: Background, jitter: Callable[[], float] = random.random) -> None:
    """Run a job until it returns; if it raises, say so and start it again."""
    loop = asyncio.get_running_loop()
    failures = 0
    while True:
        began = loop.time()
        try:
            await job.run()
        except Exception as error:  # noqa: BLE001 - a job's failure is reported and the job restarted
            failures = 1 if loop.time() - began >= HEALTHY_AFTER_S else failures + 1
            delay = restart_delay(failures, jitter())
            logger.opt(exception=error).error("background {} failed; starts again in {:.2f} s", job.name, delay)
            await asyncio.sleep(delay)
        else:
            return


class Supervisor:
    """Keeps background jobs running."""

    def __init__(self, *, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, jobs: Iterable[Background]) -> None:
        """Start each job in a task of its own."""
        for job in jobs:
            if job.name in self._tasks:
                raise ValueError(f"two background jobs are named {job.name!r}; give one another name")
            self._tasks[job.name] = asyncio.create_task(keep_running(job, self._jitter), name=f"background {job.name}")

    async def stop(self, timeout: float) -> None:  # noqa: ASYNC109 - what is left after it is named, not raised
        """Cancel all jobs, the newest first, and wait for their clean-up at most so many seconds."""
        tasks = list(reversed(self._tasks.values()))
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout)
            for task in late:
                logger.warning("{} did not stop within {} s", task.get_name(), timeout)
        self._tasks.clear()
