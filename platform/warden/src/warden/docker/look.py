"""Asking containers how they are: over HTTP what has an address for it, else by the engine's own health check."""

import asyncio
import time
from collections.abc import Iterable

from warden.decide.figures import Figures
from warden.decide.model import Live, Observation, Ready
from warden.docker.changes import address_of
from warden.docker.engine import Container
from warden.probe import HttpReady
from warden.watch import lacks_of, telling

_HEALTH = {"healthy": "", "": "", "unhealthy": "the engine's health check fails"}


async def look(containers: Iterable[Container], figures: Figures) -> list[Observation]:
    """What each of the running ones answers, all asked at once."""
    asked = [_look_at(one, figures) for one in containers if one.lives]
    return [seen for answers in await asyncio.gather(*asked) for seen in answers]


async def _look_at(container: Container, figures: Figures) -> list[Observation]:
    alive = await _lacking(container, container.alive, figures.liveness_timeout)
    ready = alive
    if alive == "" and container.ready:
        ready = await _lacking(container, container.ready, figures.liveness_interval)
    seen: list[Observation] = []
    if alive is not None:
        seen.append(Live(container.instance, not alive, alive))
    if ready is not None:
        seen.append(Ready(container.instance, not ready, ready, lacks_of(ready)))
    return seen


async def _lacking(container: Container, where: str, seconds: float) -> str | None:
    """What it lacks, empty if nothing; None while that cannot be known."""
    address = address_of(where)
    if address is None:  # the engine checks nothing that it has paused
        return "it is paused" if container.state == "paused" else _HEALTH.get(container.health)
    if not container.address:
        return None
    port, path = address
    began = time.monotonic()
    lacking = await HttpReady(port, path, host=container.address, timeout=seconds)()
    return None if lacking and not telling(time.monotonic() - began, seconds) else lacking or ""
