"""Asking the parts that are reached over HTTP whether they are ready."""

import asyncio
from collections.abc import Collection, Iterable

from pharos.docker.settings import PUBLISHED
from warden.layout import Ports
from warden.part import Probe
from warden.probe import HttpReady


def ask(parts: Collection[str], ports: Ports) -> dict[str, str | None]:
    """What each of them lacks, None for one that is ready; parts that cannot be asked are not in the answer."""
    asked = {part: PUBLISHED[part] for part in parts if part in PUBLISHED}
    probes = [HttpReady(ports.of(one.port), one.ready) for one in asked.values()]
    return dict(zip(asked, asyncio.run(_all(probes)), strict=True))


def ready_at(port: int) -> bool:
    """Whether what answers at this port of the machine is ready."""
    return asyncio.run(_all([HttpReady(port)])) == [None]


async def _all(probes: Iterable[Probe]) -> list[str | None]:
    return list(await asyncio.gather(*(probe() for probe in probes)))
