"""Observe, decide, act, journal: the loop that keeps replicas healthy."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from warden.decide.figures import Figures
from warden.decide.model import Decision, Ended, Fleet, Joined, Left, Observation, Started, Ticked
from warden.decide.outliers import in_rotation
from warden.decide.policy import decide
from warden.dump import dump
from warden.errors import WardenError
from warden.layout import StateFolder
from warden.memory import recall, remember
from warden.needs import needs_of
from warden.process import Process
from warden.replica import UNSEEN_SECONDS, Replica
from warden.tell import Teller
from warden.watch import watch

_TICK_SECONDS = 0.5


class Recovery:
    """Keeps each replica that is given to `keep` until that is cancelled."""

    def __init__(
        self,
        figures: Figures,
        tell: Callable[[Decision], None],
        remember: Callable[[Fleet], None],
        needs: Mapping[str, frozenset[str]],
        memory: Fleet,
    ) -> None:
        """``tell`` is called with each decision before it is carried out, ``remember`` when budgets have changed.

        ``needs`` is what each service cannot serve without.

        ``memory`` is what an earlier warden remembered.
        """
        self.figures = figures
        self._needs = needs
        self.fleet = Fleet(disrupted=memory.disrupted)
        self._memory = dict(memory.replicas)
        self._tell = tell
        self._remember = remember
        self._replicas: dict[str, Replica] = {}
        self._work: dict[str, asyncio.Queue[Decision]] = {}

    async def keep(self, replica: Replica) -> None:
        """Watch a replica and do what is decided about it, until cancelled; then it is none of ours."""
        instance, service = replica.part.instance, replica.part.name
        self._replicas[instance] = replica
        self._work[instance] = asyncio.Queue()
        ready, needs = replica.ready_since is not None, self._needs.get(service, frozenset())
        adopted = replica.process is not None and replica.process.child is None
        memory = self._memory.pop(instance, None)
        stuck = replica.part.store is not None
        self.see(Joined(instance, service, needs, ready=ready, adopted=adopted, stuck=stuck, memory=memory))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(watch(replica, self.figures, self.see))
                group.create_task(self._act(replica, self._work[instance]))
        finally:
            del self._replicas[instance], self._work[instance]
            self.see(Left(instance))

    async def tick(self) -> None:
        """Let time pass for what waits for it, until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self.see(Ticked())

    def see(self, seen: Observation) -> None:
        """Decide about an observation, and begin to do what was decided."""
        before = self.fleet
        chance = random.random()  # noqa: S311
        self.fleet, decisions = decide(before, seen, time.monotonic(), self.figures, chance)
        # First, so that nobody is told what callers, or the next warden, would not know.
        if self.fleet is not before:
            self._show()
        if decisions:
            self._remember(self.fleet)
        for decision in decisions:
            self._tell(decision)
            if decision.instance in self._work:
                self._work[decision.instance].put_nowait(decision)

    def in_quarantine(self, instance: str) -> bool:
        """Whether it is left alone until somebody resumes it."""
        known = self.fleet.replicas.get(instance) or self._memory.get(instance)
        return known is not None and known.phase == "quarantined"

    def _show(self) -> None:
        for instance, replica in self._replicas.items():
            known = self.fleet.replicas.get(instance)
            if known is None:
                continue
            replica.restarts = known.restarts
            replica.show(replica.process is not None and in_rotation(self.fleet, known))

    async def _act(self, replica: Replica, work: "asyncio.Queue[Decision]") -> None:
        while True:
            decision = await work.get()
            if decision.disruptive:
                await self._end(replica, decision)
            elif decision.action in {"start", "restart", "resume"}:
                await self._start(replica, decision)

    async def _start(self, replica: Replica, decision: Decision) -> None:
        await asyncio.sleep(decision.after)
        instance = replica.part.instance
        try:
            await replica.launch(decision.reason, decision.fault)
        except (OSError, WardenError) as error:
            self.see(Ended(instance, problem=f"could not be started: {error}"))
        else:
            self.see(Started(instance))

    async def _end(self, replica: Replica, decision: Decision) -> None:
        """End a process that still answers as on `down`; one that does not is looked into, then killed."""
        process = replica.process
        if process is None:
            return
        if decision.drain:
            await asyncio.sleep(UNSEEN_SECONDS)
            await process.stop(replica.part.stop_signal, replica.part.stop_seconds)
            return
        await self._look_into(replica, process, decision)
        await process.kill()

    async def _look_into(self, replica: Replica, process: Process, decision: Decision) -> None:
        with suppress(OSError):
            found = await dump(process.pid, replica.log, ours=replica.part.discovered)
            self._tell(
                Decision(
                    event="dumped", instance=decision.instance, service=decision.service, fault=decision.fault,
                    reason=f"what it did before it was ended: {found.state}", details=found.details,
                )
            )  # fmt: skip


def make_recovery(state: StateFolder, figures: Figures, teller: Teller) -> Recovery:
    """Recovery for the system of this folder, with what an earlier warden remembered."""
    return Recovery(
        figures,
        tell=teller.tell,
        remember=partial(remember, state.recovery),
        needs=needs_of(teller.manifests.values()),
        memory=recall(state.recovery),
    )
