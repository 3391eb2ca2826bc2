"""A warden's life in a container."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from chassis.manifest import Manifest, load_manifest
from chassis.telemetry.settings import TelemetrySettings
from chassis.telemetry.telemetry import configure
from warden.alerts import Alert, Notification, alerts_of, told
from warden.commands import register_commands
from warden.control import ControlServer
from warden.decide.model import Decision
from warden.docker.alertmanager import Alertmanager
from warden.docker.commands import register_releases
from warden.docker.keeper import Keeper
from warden.docker.settings import Settings
from warden.docker.trials import Trials, judged
from warden.journal import Journal, read_entries
from warden.layout import StateFolder
from warden.memory import recall, remember
from warden.needs import needs_of
from warden.pages import Page, Request, Routes, health, metrics, serve
from warden.tell import Teller


async def run(settings: Settings) -> None:
    """Keep the containers until SIGTERM. They run on without a warden; nobody starts them again then."""
    manifests = read_manifests(settings.root)
    teller = Teller(Journal(settings.state.journal), manifests)
    trials = Trials(
        engine=settings.engine,
        figures=settings.figures,
        rule=settings.rule,
        tell=teller.tell,
        verdicts=judged(read_entries(settings.state.journal)),
    )
    keeper = Keeper(
        engine=settings.engine,
        figures=settings.figures,
        needs=needs_of(manifests.values()),
        tell=teller.tell,
        remember=partial(remember, settings.state.recovery),
        fleet=recall(settings.state.recovery),
        watch=trials.see,
    )
    fallback = [*manifests.values()][-1]

    def due() -> list[Alert]:
        return alerts_of(keeper.fleet, manifests, fallback) + trials.alerts(manifests, fallback, time.time())

    alertmanager = Alertmanager(*settings.alertmanager, due)
    async with (
        _telemetry(settings.telemetry),
        _control(settings.state, keeper, trials),
        await serve("", settings.port, _routes(keeper, teller.tell)),
    ):
        await _until_told(keeper.run(), alertmanager.run())


def read_manifests(root: Path) -> dict[str, Manifest]:
    """Those of the services by name, then those of the platform's parts, as `catalog.read_everything` has them.

    Raises:
        ConfigurationError: one is wrong.
    """
    files = [file for folder in ("services", "platform") for file in sorted((root / folder).glob("*/service.toml"))]
    return {manifest.name: manifest for manifest in map(load_manifest, files)}


@asynccontextmanager
async def _telemetry(settings: TelemetrySettings) -> AsyncIterator[None]:
    telemetry = configure(settings)
    await telemetry.start()
    try:
        yield
    finally:
        await telemetry.shutdown()


@asynccontextmanager
async def _control(state: StateFolder, keeper: Keeper, trials: Trials) -> AsyncIterator[None]:
    control = ControlServer(state)
    register_commands(control, keeper)
    register_releases(control, keeper, trials)
    await control.start()
    try:
        yield
    finally:
        await control.stop()


def _routes(keeper: Keeper, tell: Callable[[Decision], None]) -> Routes:
    def alerts(request: Request) -> Page:
        try:
            notification = msgspec.json.decode(request.body, type=Notification)
        except msgspec.DecodeError as error:
            return Page(400, "text/plain; charset=utf-8", f"no notification of Alertmanager: {error}".encode())
        for decision in told(notification):
            tell(decision)
        return Page(200, "text/plain; charset=utf-8", b"ok")

    return {
        "GET /metrics": metrics,
        "GET /health/live": health(lambda: ""),
        "GET /health/ready": health(keeper.lacks),
        "POST /alerts": alerts,
    }


async def _until_told(*works: Coroutine[Any, Any, None]) -> None:
    """Do these side by side until a signal; a failure of one ends all, and the engine starts warden anew.

    Raises:
        ExceptionGroup: what failed.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        await stopping.wait()
        for task in tasks:
            task.cancel()
