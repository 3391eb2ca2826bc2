"""What a run asks of a system that differs by mode: warden's journal, restarts, cold starts, where telemetry goes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chaos import observed
from chaos.experiments import Mode
from pharos.docker.probes import ask
from pharos.docker.survey import health_of
from pharos.docker.system import DockerSystem, own_containers
from pharos.docker.warden import journal_of, restarts_in
from pharos.state import System, find_docker, find_embedded, folder_of
from warden.journal import Entry, read_entries
from warden.probe import probe_of
from warden.record import PartRecord, read_parts

COLLECTOR = "collector"


def mode_of(state: Path | None) -> Mode:
    """The mode of the system of this folder; embedded where there is none."""
    folder = folder_of(state)
    return "docker" if find_embedded(folder) is None and find_docker(folder) is not None else "embedded"


def entries_of(system: System, since: float = 0.0) -> list[Entry]:
    """What warden's journal holds from `since` (Unix time) on.

    Raises:
        CliError: the engine does not answer.
    """
    if isinstance(system, DockerSystem):
        return journal_of(system, since=since)
    return read_entries(system.folder.journal, since=since)


def restarts(system: System, entries: Sequence[Entry], struck: float) -> Counter[str]:
    """How often each instance was started since."""
    if isinstance(system, DockerSystem):
        return restarts_in(entry for entry in entries if entry.time >= struck)
    return observed.restarts(entries, struck)


def cold_start(system: System, entries: Sequence[Entry], instance: str) -> float | None:
    """Seconds that an instance took to be ready when the system last started; None if it was not seen."""
    if isinstance(system, DockerSystem):
        return observed.first_start([one for one in entries if one.time >= system.record.started], instance)
    return observed.cold_start(entries, instance)


def lacking(system: System, instance: str) -> str | None:
    """What an instance lacks to be ready; None if nothing.

    Raises:
        CliError: the engine does not answer.
    """
    if isinstance(system, DockerSystem):
        return _lacking_container(system, instance)
    found = next((part for part in read_parts(system.folder) if part.instance == instance), None)
    if found is None or not found.alive:
        return "it does not run"
    return asyncio.run(_lacking_process(found))


def telemetry_of(system: System) -> str:
    """The address that a verdict is told at."""
    return system.ports.url(COLLECTOR) if isinstance(system, DockerSystem) else system.url("lens")


def pages_of(system: System) -> dict[str, str]:
    """Where people see what happened, by name."""
    return {"jaeger": system.url("jaeger")} if isinstance(system, DockerSystem) else {"console": system.url("lens")}


async def _lacking_process(part: PartRecord) -> str | None:
    return await probe_of(part.part, part.port)()


def _lacking_container(system: DockerSystem, name: str) -> str | None:
    found = next((one for one in own_containers(system.compose) if name in {one.instance, one.part}), None)
    if found is None:
        return "it does not run"
    lacks = ask([found.part], system.ports).get(found.part)
    health = health_of(found, lacks)
    return None if health == "ok" else lacks or f"it is {health}"
