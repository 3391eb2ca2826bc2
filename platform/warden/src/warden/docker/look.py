"""Asking containers how they are: over HTTP what has an address for it, else by the engine's own health check."""

import asyncio
from collections.abc import Iterable

from warden.decide.figures import Figures
from warden.decide.model import Live, Observation, Ready
from warden.docker.changes import address_of
from warden.docker.engine import Container
from warden.probe import http_ready


async def look(containers: Iterable[Container], figures: Figures) -> list[Observation]:
    """What each of the running ones answers, all asked at once."""
    asked = [_look_at(one, figures) for one in containers if one.state == "running" and one.address]
    return [seen for answers in await asyncio.gather(*asked) for seen in answers]


async def _look_at(container: Container, figures: Figures) -> list[Observation]:
    alive = await _lacking(container, container.alive, figures)
    ready = await _lacking(container, container.ready, figures) if container.ready and alive == "" else alive
    seen: list[Observation] = []
    if alive is not None:
        seen.append(Live(container.instance, not alive, alive))
    if ready is not None:
        seen.append(Ready(container.instance, not ready, ready))
    return seen


async def _lacking(container: Container, where: str, figures: Figures) -> str | None:
    """What it lacks, empty if nothing; None while that cannot be known."""
    address = address_of(where)
    if address is not None:
        port, path = address
        return await http_ready(port, path, host=container.address, timeout=figures.liveness_timeout)() or ""
    known = {"healthy": "", "": "", "unhealthy": "the engine's health check fails"}
    return known.get(container.health)
