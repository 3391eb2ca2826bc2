"""A warden's life: lock, start, supervise, stop."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from loguru import logger

from warden import lock, prometheus
from warden.calling import make_pager
from warden.catalog import read_everything
from warden.commands import register_commands
from warden.config import Config, read_config
from warden.control import ControlServer
from warden.environment import Surroundings
from warden.errors import WardenError, as_warden_error
from warden.identity import birth_of
from warden.journal import Journal
from warden.layout import Ports, StateFolder
from warden.leases import register_leases
from warden.leftovers import end_leftovers, end_records, end_strays
from warden.plan import make_plan
from warden.progress import Failed, Ready, Reporter
from warden.prometheus_fetch import fetch
from warden.record import PartRecord, WardenRecord, read_parts, read_warden, write_warden
from warden.recovery import make_recovery
from warden.release.commands import register as register_releases
from warden.release.rollouts import Rollouts
from warden.showing import shown
from warden.startup import Startup
from warden.system import System
from warden.tell import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the system is to be run."""

    root: Path
    state: Path
    port_base: int
    replicas: Mapping[str, int] = field(default_factory=dict)
    chaos: bool = False  # with a seam for faults
    progress: int | None = None  # descriptor


class GivenUp(WardenError):
    """The start was interrupted."""

    reason = "given-up"


async def run(settings: Settings, *, began: float) -> int:
    """Bring the system up, keep it up until a signal, bring it down; the exit code is returned."""
    reporter = Reporter(settings.progress, began)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        state = StateFolder(settings.state)
        config = read_config(state.config)
        ports = Ports(settings.port_base)
        surroundings = Surroundings(state, ports, settings.root, config.environment, config.retention, settings.chaos)
        with lock.hold(surroundings.state):
            await _live(settings, config, surroundings, reporter, stopping)
    except Exception as error:  # noqa: BLE001 - whatever it was, the command that waits is told
        _report(error, reporter)
        return 1
    return 0


async def _live(
    settings: Settings, config: Config, surroundings: Surroundings, reporter: Reporter, stopping: asyncio.Event
) -> None:
    state = surroundings.state
    manifests = {service.name: service.manifest for service in read_everything(settings.root)}
    record = _record(settings)
    running = await _adoptable(state, record)
    write_warden(state, record)
    journal = Journal(state.journal)
    teller = Teller(journal, manifests)
    recovery = make_recovery(state, config.recovery, teller)
    system = System(surroundings, journal, recovery, make_pager(surroundings, recovery, teller))
    control, rollouts = ControlServer(state), Rollouts(system, teller.tell, settings.replicas, config.release)
    register_commands(control, system.recovery)
    register_leases(control, system)
    register_releases(control, rollouts)
    try:
        async with shown(surroundings):
            await _unless_given_up(_start(system, settings, reporter, running), reporter, stopping)
            system.keep(system.replicas.values())
            await control.start()
            rollouts.resume()
            write_warden(state, msgspec.structs.replace(record, ready=True, seconds=reporter.seconds))
            with suppress(BrokenPipeError):
                reporter.send(Ready(seconds=reporter.seconds))
                reporter.close()
            await _supervise(system, stopping)
    finally:
        await control.stop()
        await rollouts.stop()
        await system.stop()
        await end_leftovers(state)


async def _start(system: System, settings: Settings, reporter: Reporter, running: Mapping[str, PartRecord]) -> None:
    plan = make_plan(system.surroundings, settings.replicas, running)
    wanted = {part.instance for part in plan.parts} | ({"prometheus"} if prometheus.wanted() else set())
    await end_records([record for record in running.values() if record.instance not in wanted])
    await Startup(system, plan, reporter, running).run()


async def _supervise(system: System, stopping: asyncio.Event) -> None:
    works = (system.watch(), system.recovery.tick(), system.pager.run(), _add_prometheus(system))
    beside = [asyncio.create_task(work) for work in works]
    try:
        await stopping.wait()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)


async def _add_prometheus(system: System) -> None:
    """Fetch it, if it was not at hand, and start it: the one part that may come later."""
    if "prometheus" in system.replicas or not prometheus.wanted():
        return
    try:
        binary = await fetch()
        replica = system.add(prometheus.prometheus_part(system.surroundings, binary))
        await replica.launch("fetched")
    except (WardenError, OSError) as error:
        known = as_warden_error(error)
        system.journal.write("skipped", "prometheus", known.message)
        prometheus.write_status(system.surroundings.state, "absent", f"{known.message}: {known.hint}".strip(": "))
        return
    prometheus.write_status(system.surroundings.state, "running")
    system.keep([replica])


async def _adoptable(state: StateFolder, record: WardenRecord) -> dict[str, PartRecord]:
    """What an earlier warden left running and fits the settings; what does not fit is ended."""
    previous = read_warden(state)
    if previous is None or _made_for(previous) != _made_for(record):
        await end_leftovers(state)
        return {}
    running = {part.instance: part for part in read_parts(state) if part.alive}
    await end_strays(state, known=[part.pid for part in running.values()])
    return running


async def _unless_given_up(starting: Coroutine[Any, Any, None], reporter: Reporter, stopping: asyncio.Event) -> None:
    """Await the start; cancel it when a signal comes, or when nobody waits for it any more.

    Raises:
        GivenUp: it was cancelled.
    """
    task = asyncio.ensure_future(starting)
    given_up = asyncio.ensure_future(stopping.wait())
    with reporter.when_unread(stopping.set):
        await asyncio.wait([task, given_up], return_when=asyncio.FIRST_COMPLETED)
    given_up.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
        raise GivenUp("the start was interrupted; everything was stopped again")
    await task


def _made_for(record: WardenRecord) -> tuple[int, str, bool]:
    """What the processes of a system are made for; with another, none of them is of use."""
    return record.port_base, record.root, record.chaos


def _record(settings: Settings) -> WardenRecord:
    birth = birth_of(os.getpid())
    assert birth is not None
    return WardenRecord(
        pid=os.getpid(), birth=birth, started=time.time(), port_base=settings.port_base,
        root=str(settings.root), replicas=dict(settings.replicas), chaos=settings.chaos,
    )  # fmt: skip


def _report(error: Exception, reporter: Reporter) -> None:
    known = as_warden_error(error)
    if known.reason == "defect":
        logger.opt(exception=error).error("warden failed")
    else:
        logger.error("{}: {}", known.reason, known.message)
    with suppress(BrokenPipeError):
        reporter.send(Failed(reason=known.reason, message=known.message, hint=known.hint, log=known.log))
