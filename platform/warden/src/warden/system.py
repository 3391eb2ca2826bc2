"""The whole system under one warden: its replicas, and what others may know of them."""

import asyncio
import json
from collections.abc import Iterable

from loguru import logger

from chassis.discovery import Endpoints, Instance, write_endpoints
from warden import prometheus
from warden.environment import Surroundings
from warden.journal import Journal
from warden.leftovers import stage
from warden.logs import rotate
from warden.pager import Pager
from warden.part import Part
from warden.record import PartRecord, write_parts
from warden.recovery import Recovery
from warden.replica import UNSEEN_SECONDS, Replica
from warden.secrets import OPERATOR, OPERATOR_JWKS

_TICK_SECONDS = 5.0


class System:
    """Every replica of the system; keeps the records of them true while they come and go."""

    def __init__(self, surroundings: Surroundings, journal: Journal, recovery: Recovery, pager: Pager) -> None:
        """An empty system; parts are added with ``add``."""
        self.surroundings = surroundings
        self.journal = journal
        self.recovery = recovery
        self.pager = pager
        self.replicas: dict[str, Replica] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._version = 0
        self._unrecorded = False
        self._news = asyncio.Event()

    def add(self, part: Part) -> Replica:
        """A replica for this part, not started yet."""
        log = self.surroundings.state.log(part.instance)
        replica = Replica(part, log, self.journal, self._record)
        self.replicas[part.instance] = replica
        return replica

    def adopt(self, replica: Replica, record: PartRecord) -> None:
        """Take over a process that runs already; it counts as ready until it is seen otherwise."""
        replica.adopt(record)
        replica.ready_since = asyncio.get_running_loop().time()

    def keep(self, replicas: Iterable[Replica]) -> None:
        """From now on start these replicas anew whenever they end; those that are kept already stay so."""
        for replica in replicas:
            if replica.part.instance in self._keepers:
                continue
            task = asyncio.create_task(self.recovery.keep(replica), name=f"keep {replica.part.instance}")
            self._keepers[replica.part.instance] = task
            task.add_done_callback(self._keeper_ended)

    async def news(self) -> None:
        """Wait until anything that others may know of the replicas changes."""
        await self._news.wait()

    def weigh(self, replica: Replica, weight: float) -> None:
        """Give it another share of the requests, relative to its siblings' 1; with 0 callers do not find it."""
        replica.weight = weight
        self._record()

    def reroute(self, replica: Replica, url: str) -> None:
        """Give callers another address of it, or with none its own again."""
        replica.route = url
        self._record()

    async def take_down(self, replica: Replica) -> None:
        """End a replica and leave it down; it is still one of the system's."""
        await self._let_go(replica)
        await replica.stop()

    async def bring_back(self, replica: Replica) -> None:
        """Start a replica that was taken down, and keep it.

        Raises:
            OSError: it could not be started.
            PartFailed: what it needs before could not be made.
        """
        if replica.process is None:
            await replica.launch("brought back")
        self.keep([replica])

    async def retire(self, replica: Replica) -> None:
        """End a replica for good, with no failed request: callers lose sight of it, then it finishes what it has."""
        await self._let_go(replica)
        if replica.process is not None:
            self.weigh(replica, 0.0)
            await asyncio.sleep(UNSEEN_SECONDS)
        await replica.stop()
        self.replicas.pop(replica.part.instance, None)
        self._record()

    async def watch(self) -> None:
        """Keep log files small and records true, until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if self._unrecorded:
                self._record()
            for log in self.surroundings.state.logs.glob("*.log"):
                try:
                    rotate(log)
                except OSError as error:
                    logger.warning("log {} could not be rotated: {}", log, error)

    async def stop(self) -> None:
        """End everything, in stages."""
        keepers = list(self._keepers.values())
        for task in keepers:
            task.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        for number in sorted({stage(replica.part.name) for replica in self.replicas.values()}):
            stopping = [replica for replica in self.replicas.values() if stage(replica.part.name) == number]
            await asyncio.gather(*(replica.stop() for replica in stopping))

    async def _let_go(self, replica: Replica) -> None:
        if keeper := self._keepers.pop(replica.part.instance, None):
            keeper.cancel()
            await asyncio.wait([keeper])

    def _keeper_ended(self, task: "asyncio.Task[None]") -> None:
        self._keepers = {instance: other for instance, other in self._keepers.items() if other is not task}
        if not task.cancelled() and (error := task.exception()):
            logger.opt(exception=error).error("{} failed; that part is not restarted any more", task.get_name())

    def _record(self) -> None:
        """Write down what runs. A failure, such as a full disk, must not end supervision: it is tried again."""
        self._news.set()
        self._news = asyncio.Event()
        records = [replica.record for replica in self.replicas.values()]
        try:
            write_parts(self.surroundings.state, records)
            self._publish()
            self._unrecorded = False
        except OSError as error:
            self._unrecorded = True
            logger.error("the state could not be written down: {}", error)

    def _publish(self) -> None:
        services: dict[str, tuple[Instance, ...]] = {}
        for replica in self.replicas.values():
            part = replica.part
            if part.discovered:
                found = replica.process and replica.ready_since and replica.weight > 0
                ready = (Instance(part.instance, replica.route or part.url, replica.weight),) if found else ()
                services[part.name] = services.get(part.name, ()) + ready
        state = self.surroundings.state
        if prometheus.wanted():
            prometheus.write_targets(
                state, [replica.part for replica in self.replicas.values() if replica.part.discovered]
            )
        jwks = {OPERATOR: json.loads((state.secrets / OPERATOR_JWKS).read_text())}
        self._version += 1
        write_endpoints(state.endpoints, Endpoints(self._version, services, jwks))
