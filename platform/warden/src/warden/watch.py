"""Observing one replica: its end, whether it answers, whether it is ready, until cancelled."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

import msgspec

from warden.decide.figures import Figures
from warden.decide.model import Counted, Ended, Live, Observation, Ready, Window
from warden.probe import lasting, liveness_of
from warden.release.windows import between, observed
from warden.replica import Replica
from warden.sample import sample, waited

See = Callable[[Observation], None]

_EAGER_SECONDS = 0.05
"""Between two questions to a process that is not ready yet: a refused connection costs next to nothing."""
_OWN_LAG = 0.25
"""Seconds beyond its timeout after which a probe says something about us and not about whom it asked."""
_STARVED = 0.5
"""Of the time that a probe took: a process that wanted to run for so long, and could not, says something about the
machine, and starting it anew would give that more to do."""
_LEAST_ROOM = 8 * 1024 * 1024
"""Bytes: a file of one of NATS' streams is as large."""
_CHECKS = {"database": "postgres", "broker": "nats"}
"""Which part the checks in a readiness document are about."""


async def watch(replica: Replica, figures: Figures, see: See) -> None:
    """Tell what is observed, until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_watch_end(replica, see))
        group.create_task(_watch_liveness(replica, figures, see))
        group.create_task(_watch_readiness(replica, figures, see))
        group.create_task(_watch_resources(replica, figures, see))
        if replica.part.discovered:
            group.create_task(_watch_requests(replica, figures, see))


async def _watch_end(replica: Replica, see: See) -> None:
    while True:
        code = await replica.ended()
        see(Ended(replica.part.instance, code))


async def _watch_liveness(replica: Replica, figures: Figures, see: See) -> None:
    part = replica.part
    own = liveness_of(part.name, part.port)
    probe = lasting(own or part.probe, figures.liveness_timeout)
    # Spread over the interval, so that they are not all asked at the same moment.
    await asyncio.sleep(random.random() * figures.liveness_interval)  # noqa: S311
    while True:
        await replica.runs.wait()
        process, began = replica.process, time.monotonic()
        pid = 0 if process is None else process.pid
        before = waited(pid)
        lacking = await probe()
        took = time.monotonic() - began
        if process is replica.process and (
            lacking is None or telling(took, figures.liveness_timeout, waited(pid) - before)
        ):
            see(Live(part.instance, lacking is None, lacking or ""))
            if own is None:
                see(Ready(part.instance, lacking is None, lacking or ""))
        await asyncio.sleep(max(0.0, began + figures.liveness_interval - time.monotonic()))


async def _watch_readiness(replica: Replica, figures: Figures, see: See) -> None:
    """A process that has just started is asked eagerly, until it is ready for the first time."""
    part = replica.part
    probe = lasting(part.probe, figures.liveness_interval)
    asked_twice = liveness_of(part.name, part.port) is not None
    asked_of, eager = replica.process, replica.ready_since is None
    while True:
        await replica.runs.wait()
        if replica.process is not asked_of:
            asked_of, eager = replica.process, True
        if eager or asked_twice:
            lacking = await probe()
            if replica.process is asked_of:
                lacks = lacks_of(lacking) + room_lacked(part.store) if lacking else ()
                see(Ready(part.instance, lacking is None, lacking or "", lacks))
                eager = eager and lacking is not None
        await asyncio.sleep(_EAGER_SECONDS if eager else figures.liveness_interval)


async def _watch_resources(replica: Replica, figures: Figures, see: See) -> None:
    while True:
        await replica.runs.wait()
        if replica.process is not None:
            with suppress(OSError):  # it ended meanwhile: that is seen elsewhere
                see(sample(replica.part.instance, replica.process.pid))
        await asyncio.sleep(figures.sample_interval)


async def _watch_requests(replica: Replica, figures: Figures, see: See) -> None:
    instance = replica.part.instance
    before: Window | None = None
    while True:
        await replica.runs.wait()
        seen = await observed(replica.part.port)
        if before is not None and seen is not None:
            window = between({instance: before}, {instance: seen[0]})[instance]
            see(Counted(instance, window, on_trial=replica.weight < 1, failure=seen[1]))
        before = None if seen is None else seen[0]
        await asyncio.sleep(figures.sample_interval)


def telling(took: float, timeout: float, waiting: float = 0.0) -> bool:
    """Whether the failure of a probe says something about whom it asked: neither we were late, nor was it kept waiting.

    Args:
        took: the seconds that the probe lasted,
        timeout: that it was to last at most,
        waiting: for which the process asked was ready to run, and could not, where that is known.
    """
    return took <= timeout + _OWN_LAG and waiting <= _STARVED * took


def room_lacked(store: Path | None) -> tuple[str, ...]:
    """The disk, where what stores in this folder would soon fail again if it was started anew."""
    with suppress(OSError):  # somebody has taken it away
        return ("disk",) if store is not None and disk_usage(store).free < _LEAST_ROOM else ()
    return ()


def lacks_of(detail: str) -> tuple[str, ...]:
    """The parts whose checks fail in the readiness document that an answer holds."""
    if not detail:
        return ()
    _, brace, rest = detail.partition("{")
    try:
        document = msgspec.json.decode(brace + rest)
        failing = [name for name, check in document["checks"].items() if check["status"] != "ok"]
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(_CHECKS[name] for name in failing if name in _CHECKS)
