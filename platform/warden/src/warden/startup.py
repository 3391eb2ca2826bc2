"""Bringing the system up: what runs already is adopted, the rest is started, each part as soon as it can be."""

import asyncio
import os
import shutil
from collections.abc import Mapping

from warden import postgres, prometheus
from warden.catalog import Service
from warden.database import Applied, create_roles, ensure_schema, read_applied, record, seed
from warden.errors import DiskFull, PartFailed
from warden.files import private_folder
from warden.part import Part
from warden.plan import Plan
from warden.ports import require_free
from warden.progress import Reporter
from warden.prometheus_fetch import can_fetch
from warden.record import PartRecord
from warden.secrets import SUPERUSER, ensure_secrets, wishes_of
from warden.system import System

_ROOM_NEEDED = 150 * 1024 * 1024  # a fresh cluster, its log and JetStream's first files


class Startup:
    """One start of one system."""

    def __init__(self, system: System, plan: Plan, reporter: Reporter, running: Mapping[str, PartRecord]) -> None:
        """``running`` are the living processes of an earlier warden, by instance."""
        self._system = system
        self._plan = plan
        self._reporter = reporter
        self._running = running
        self._surroundings = system.surroundings
        self._state = system.surroundings.state
        self._migrating = asyncio.Semaphore(os.cpu_count() or 1)

    async def run(self) -> None:
        """Start everything and return when all of it is ready.

        Raises:
            ExceptionGroup: of what failed; the rest may be running.
        """
        self._check()
        databases = [service.name for service in self._plan.services if service.manifest.database]
        signers = [service.name for service in (*self._plan.services, *filter(None, [self._plan.edge]))]
        wishes = wishes_of(service.manifest for service in self._plan.services)
        await ensure_secrets(self._state, databases, signers, wishes)
        stores = {part.name: part for part in self._plan.infrastructure if part.name in {"postgres", "nats"}}
        others = [part for part in (*self._plan.infrastructure, *self._plan.front) if part.name not in stores]
        async with asyncio.TaskGroup() as group:
            started = [group.create_task(self._start_store(part, databases)) for part in stores.values()]
            for service in self._plan.services:
                group.create_task(self._start_service(service, started))
            for part in others:
                group.create_task(self._start(part))
            group.create_task(self._start_prometheus())

    def _check(self) -> None:
        private_folder(self._state.data)
        free = shutil.disk_usage(self._state.data).free
        if free < _ROOM_NEEDED:
            raise DiskFull(
                f"only {free >> 20} MB are free at {self._state.path}; {_ROOM_NEEDED >> 20} MB are needed",
                "free some, or choose another place: ./just up --state DIR",
            )
        fixed = (*self._plan.infrastructure, *self._plan.front)
        needed = {part.name: part.port for part in fixed if part.instance not in self._running}
        if prometheus.wanted() and "prometheus" not in self._running:
            needed["prometheus"] = self._surroundings.ports.of("prometheus")
        require_free(needed, self._surroundings.ports.base)

    async def _start_store(self, part: Part, databases: list[str]) -> None:
        if part.name == "postgres" and not (self._state.data / "postgres").exists():
            self._reporter.part("postgres", "preparing", "making the database cluster")
            password = self._state.secrets / SUPERUSER
            await asyncio.to_thread(postgres.initialise, self._state.data / "postgres", password)
        await self._start(part)
        if part.name == "postgres":
            fresh = [name for name in databases if name not in read_applied(self._state)]
            if fresh:
                await create_roles(self._state, part.port, fresh)

    async def _start_service(self, service: Service, stores: list["asyncio.Task[None]"]) -> None:
        await asyncio.gather(*stores)
        if service.manifest.database:
            await self._bring_up_to_date(service)
        replicas = [part for part in self._plan.replicas if part.name == service.name]
        await asyncio.gather(*(self._start(part) for part in replicas))

    async def _bring_up_to_date(self, service: Service) -> None:
        """Migrate if a migration was added or changed since the last time, and seed once."""
        async with self._migrating:
            await ensure_schema(service, self._surroundings, lambda: self._reporter.part(service.name, "migrating"))
            applied = read_applied(self._state).get(service.name, Applied())
            if service.manifest.seed and not applied.seeded:
                self._reporter.part(service.name, "seeding")
                await seed(service, self._surroundings)
                record(self._state, service.name, Applied(applied.migrations, seeded=True))

    async def _start_prometheus(self) -> None:
        """Only if it is at hand: nothing waits for a download, and nothing fails for want of it."""
        if not prometheus.wanted():
            prometheus.write_status(self._state, "off", prometheus.SWITCHED_OFF)
            return
        binary = prometheus.find()
        if binary is None:
            self._without_prometheus()
            return
        prometheus.write_status(self._state, "running")
        try:
            await self._start(prometheus.prometheus_part(self._surroundings, binary))
        except (PartFailed, OSError) as error:
            prometheus.write_status(self._state, "absent", f"Prometheus could not be started: {error}")
            self._reporter.part("prometheus", "skipped", f"could not be started: {error}")

    def _without_prometheus(self) -> None:
        if can_fetch():
            prometheus.write_status(self._state, "fetching", prometheus.COMING)
            detail = "is fetched in the background"
        else:
            prometheus.write_status(self._state, "absent", f"Prometheus is not installed: {prometheus.HOW_TO_GET}")
            detail = f"not installed, metrics are not kept: {prometheus.HOW_TO_GET}"
        self._reporter.part("prometheus", "skipped", detail)

    async def _start(self, part: Part) -> None:
        replica = self._system.add(part)
        if self._system.recovery.in_quarantine(part.instance):
            self._reporter.part(part.instance, "skipped", "in quarantine; lift it with: ./just resume " + part.instance)
            return
        if part.instance in self._running:
            self._system.adopt(replica, self._running[part.instance])
            self._reporter.part(part.instance, "adopted")
            if await part.probe() is not None:
                replica.show(False)  # what is not well is healed once all are there; it does not fail the start
                return
        else:
            self._reporter.part(part.instance, "starting")
            await replica.launch("up")
        await replica.until_ready()
        self._system.journal.write("up", part.instance, "ready as part of the start", service=part.name)
        self._reporter.part(part.instance, "ready")
