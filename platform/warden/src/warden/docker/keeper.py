"""Observe, decide, act, for containers: looks at them once a second and does what was decided, until cancelled."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from loguru import logger

from warden.decide.figures import Figures
from warden.decide.model import Decision, Ended, Fleet, Joined, Left, Observation, Replica, Started, Ticked
from warden.decide.policy import decide
from warden.docker.changes import changes
from warden.docker.engine import Container, Engine, EngineFailed
from warden.docker.look import look

_HURRY = 1
"""Seconds that a container that does not answer is given to end: it would not use more."""


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Keeps the containers of a project.

    Attributes:
        engine: where they are.
        figures: when something is a fault.
        needs: what a part cannot serve without, by part.
        tell: is called with each decision before it is carried out.
        remember: is called when something has changed that is to outlive this warden.
        fleet: what is known of them; to begin with, what an earlier warden remembered.
        watch: is told of every container that was found, also those that are not kept.
    """

    engine: Engine
    figures: Figures
    needs: Mapping[str, frozenset[str]]
    tell: Callable[[Decision], None]
    remember: Callable[[Fleet], None]
    fleet: Fleet
    watch: Callable[[Sequence[Container]], None] = lambda _: None
    _memory: dict[str, Replica] = field(init=False)
    _blind: str = "the containers have not been seen yet"
    _known: dict[str, Container] = field(default_factory=dict)
    _acting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _left: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Each is remembered of when it is seen again."""
        self._memory = dict(self.fleet.replicas)
        self.fleet = Fleet(disrupted=self.fleet.disrupted)

    async def run(self) -> None:
        """Keep them, until cancelled. That one is slow to answer delays no look at the others."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again(self._look))
            group.create_task(self._again(self._ask))

    def lacks(self) -> str:
        """Why it cannot keep them now; empty while it can."""
        return self._blind

    def leave(self, container: str) -> None:
        """Keep this one (by its identifier) no longer: whoever asks is about to end and remove it."""
        self._left.add(container)
        for instance, one in list(self._known.items()):
            if one.id == container:
                del self._known[instance]
                self.see(Left(instance))

    def see(self, seen: Observation) -> None:
        """Decide what is to be done about an observation, and begin to do it."""
        self.fleet, decisions = decide(self.fleet, seen, time.monotonic(), self.figures, random.random())  # noqa: S311
        if decisions:
            self.remember(self.fleet)  # first, so that nobody is told what the next warden would not know
        for decision in decisions:
            self.tell(decision)
            if decision.disruptive:
                self._begin(decision.instance, self._end(decision.instance, drain=decision.drain))
            elif decision.action in {"start", "restart", "resume"}:
                self._begin(decision.instance, self._start(decision.instance, decision.after))

    async def _again(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            began = time.monotonic()
            await work()
            await asyncio.sleep(max(0.0, began + self.figures.liveness_interval - time.monotonic()))

    async def _look(self) -> None:
        """See who came, went, ended and was started."""
        try:
            found = await self.engine.listed()
        except EngineFailed as error:
            self._blind = f"the containers cannot be seen: {error.message}"
            logger.warning("{}", self._blind)
            return
        self._blind = ""
        self.watch(found)
        self._left &= {one.id for one in found}
        listed = [one for one in found if one.alive and one.id not in self._left and one.state != "created"]
        before, self._known = self._known, {one.instance: one for one in listed}
        for seen in changes(before, listed, self.needs):
            self.see(self._remembered(seen) if isinstance(seen, Joined) else seen)

    async def _ask(self) -> None:
        """Ask each how it is."""
        for seen in await look(list(self._known.values()), self.figures):
            self.see(seen)
        self.see(Ticked())

    def _remembered(self, seen: Joined) -> Joined:
        """With what an earlier warden knew; a quarantine is over when somebody has started it in spite of it."""
        memory = self._memory.pop(seen.instance, None)
        if memory and memory.phase == "quarantined" and self._known[seen.instance].state == "running":
            return seen
        return replace(seen, memory=memory)

    def _begin(self, instance: str, action: Coroutine[Any, Any, None]) -> None:
        """One action at a time for each container: what was decided last is what counts."""
        if earlier := self._acting.get(instance):
            earlier.cancel()
        self._acting[instance] = asyncio.create_task(action, name=f"act on {instance}")
        self._acting[instance].add_done_callback(_acted)

    async def _start(self, instance: str, after: float) -> None:
        await asyncio.sleep(after)
        container = self._known.get(instance)
        if container is None or container.lives:
            return
        try:
            await self.engine.act("start", container)
        except EngineFailed as error:
            self.see(Ended(instance, problem=f"could not be started: {error.message}"))
            return
        self._known[instance] = msgspec.structs.replace(container, state="running")
        self.see(Started(instance))

    async def _end(self, instance: str, *, drain: bool) -> None:
        """Until it has ended: nothing else is decided about it before."""
        while (container := self._known.get(instance)) and container.lives:
            try:
                await self.engine.act("stop", container, grace=None if drain else _HURRY)
            except EngineFailed as error:
                logger.warning("{} could not be stopped: {}", instance, error.message)
            await asyncio.sleep(self.figures.liveness_interval)


def _acted(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.opt(exception=error).error("to {} failed", task.get_name())
