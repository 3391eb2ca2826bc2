"""The whole system as the console shows it: what each part says of itself, and how each process is right now."""

import asyncio
import time
from typing import Final, Literal

import aiohttp
import msgspec

from chassis.manifest import Manifest, Slo
from lens.console.catalog import Kind, read_catalog
from lens.console.http import Http
from lens.console.processes import Process, read_processes, started
from lens.console.prometheus import Prometheus
from lens.console.settings import ConsoleSettings

Health = Literal["ok", "failing", "down"]
ASK_SECONDS: Final = 0.5
KEPT_SECONDS: Final = 2.0
_SEVERITY: Final[list[Health]] = ["ok", "failing", "down"]
_UNDESCRIBED: Final = {
    "postgres": "PostgreSQL: a database for each service",
    "nats": "NATS JetStream: the events between services",
    "mail": "The mail sink: keeps every e-mail that is sent",
    "prometheus": "Prometheus: metrics, rules and alerts",
}


class Replica(msgspec.Struct, frozen=True):
    """One process. `started` is Unix time in seconds."""

    instance: str
    port: int
    health: Health
    restarts: int
    started: float | None


class Objective(msgspec.Struct, frozen=True):
    """A promise of the part."""

    name: str
    kind: str
    objective: float
    threshold_ms: int | None
    route: str | None
    window_days: int


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One part, with or without a manifest of its own."""

    name: str
    description: str
    owner: str
    pager: str
    tier: int
    kind: Kind
    version: str
    health: Health
    replicas: list[Replica]
    slos: list[Objective]
    calls: list[str]
    publishes: list[str]
    consumes: list[str]


class PrometheusReport(msgspec.Struct, frozen=True):
    """Whether metrics can be asked for, and how to get there where they cannot."""

    available: bool
    url: str | None
    hint: str


class System(msgspec.Struct, frozen=True):
    """The answer of `/api/console/system`."""

    mode: str
    services: list[Service]
    prometheus: PrometheusReport


class Survey:
    """Looks at the system, at most once in two seconds however many ask."""

    def __init__(self, settings: ConsoleSettings, own: Manifest, prometheus: Prometheus, http: Http) -> None:
        """`own` is lens's manifest: its owner answers for what has none."""
        self._settings = settings
        self._own = own
        self._prometheus = prometheus
        self._http = http
        self._lock = asyncio.Lock()
        self._last: tuple[float, System] | None = None
        self._late: set[int] = set()

    async def system(self) -> System:
        """How everything is."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > KEPT_SECONDS:
                self._last = (time.monotonic(), await self._look())
            return self._last[1]

    async def _look(self) -> System:
        settings = self._settings
        catalog = await asyncio.to_thread(read_catalog, settings.services, settings.platform)
        processes = await asyncio.to_thread(read_processes, settings.parts)
        self._late &= {process.pid for process in processes}
        asked = asyncio.gather(*(self._ask(one, described=one.part in catalog) for one in processes))
        available, healths = await asyncio.gather(self._prometheus.available(), asked)
        replicas: dict[str, list[tuple[Process, Replica]]] = {name: [] for name in catalog}
        for process, health in zip(processes, healths, strict=True):
            replicas.setdefault(process.part, []).append((process, _replica(process, health)))
        hint = "" if available else await self._prometheus.hint()
        return System(
            "embedded",
            [self._service(name, catalog.get(name), found) for name, found in replicas.items()],
            PrometheusReport(available, self._prometheus.url, hint),
        )

    async def _ask(self, process: Process, *, described: bool) -> Health:
        """A part with a manifest is asked whether it is ready; of any other it is enough that it can be reached.

        One late answer says more of the machine than of the part: only the second in a row counts.
        """
        if process.pid == 0:
            return "down"
        try:
            async with asyncio.timeout(ASK_SECONDS):
                ready = await (self._ready(process.port) if described else _reached(process.port))
        except TimeoutError:
            again = process.pid in self._late
            self._late.add(process.pid)
            return "failing" if again else "ok"
        except (aiohttp.ClientError, OSError):
            return "down"
        self._late.discard(process.pid)
        return "ok" if ready else "failing"

    async def _ready(self, port: int) -> bool:
        async with self._http.session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
            return answer.status == 200

    def _service(self, name: str, entry: tuple[Kind, Manifest] | None, found: list[tuple[Process, Replica]]) -> Service:
        kind, manifest = entry or ("store", None)
        known = manifest or self._own
        healths = [replica.health for _, replica in found]
        return Service(
            name=name,
            description=manifest.description if manifest else _UNDESCRIBED.get(name, ""),
            owner=known.owner,
            pager=known.pager,
            tier=known.tier,
            kind=kind,
            version=found[0][0].version if found else "",
            health=max(healths, key=_SEVERITY.index, default="down"),
            replicas=[replica for _, replica in found],
            slos=[_objective(slo) for slo in manifest.slos] if manifest else [],
            calls=sorted(manifest.calls) if manifest else [],
            publishes=list(manifest.events.publishes) if manifest else [],
            consumes=list(manifest.events.consumes) if manifest else [],
        )


async def _reached(port: int) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return True


def _replica(process: Process, health: Health) -> Replica:
    return Replica(process.instance, process.port, health, process.restarts, started(process.pid))


def _objective(slo: Slo) -> Objective:
    return Objective(slo.name, slo.kind, slo.objective, slo.threshold_ms, slo.route, slo.window_days)
