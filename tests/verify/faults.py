"""Faults of a running system, drawn from a seed: which one, of what, when, for how long."""

import asyncio
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, get_args

from chaos.faults.stores import set_aside
from chaos.faults.streams import send_again
from testkit import wait_until
from warden.layout import Ports, StateFolder
from warden.record import PartRecord, read_parts

Kind = Literal["kill", "pause", "broker deletion", "database restart", "duplicates out of order"]

REST_S = 65.0
"""The same part is not hit again so soon: warden forgives after a minute, and what is measured is no crash loop."""
GAP_S = (1.5, 3.0)
BACK_S = 60.0
KINDS: tuple[Kind, ...] = get_args(Kind)
SERVICES = frozenset({"accounts", "inventory", "orders", "payments", "notifications"})
REPEATED = 200
"""The latest messages of each stream are sent again, shuffled."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to which part; `seconds` is how long a pause lasts."""

    kind: Kind
    part: str
    seconds: float = 0.0


def plan(
    chance: random.Random, services: Sequence[str], longest_pause: float
) -> Iterator[Callable[[Callable[[str], bool]], Fault]]:
    """Faults without end, round after round of every kind in shuffled order.

    Each is a function of what has rested, since only the running system knows that when its turn comes.
    """
    while True:
        kinds = [*KINDS, "kill", "kill"]
        chance.shuffle(kinds)
        for kind in kinds:
            order = chance.sample(services, len(services))
            yield _chooser(kind, order, chance.uniform(1.0, longest_pause))


def _chooser(kind: Kind, order: Sequence[str], seconds: float) -> Callable[[Callable[[str], bool]], Fault]:
    def choose(rested: Callable[[str], bool]) -> Fault:
        if kind == "broker deletion" and rested("nats"):
            return Fault(kind, "nats")
        if kind == "database restart" and rested("postgres"):
            return Fault(kind, "postgres")
        victim = next((part for part in order if rested(part)), None)
        if kind == "kill" and victim is not None:
            return Fault(kind, victim)
        if kind == "pause":
            return Fault(kind, order[0], seconds)
        return Fault("duplicates out of order", "nats")

    return choose


@dataclass
class Faults:
    """Makes faults in one system until told to stop, one after the other, and undoes each."""

    state: StateFolder
    ports: Ports
    chance: random.Random
    longest_pause: float
    done: Counter[str] = field(default_factory=Counter)
    _hit: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether there was a fault of every kind."""
        return len(self.done) == len(KINDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Return once `stop` is set and every part is back."""
        services = [part.instance for part in read_parts(self.state) if part.part in SERVICES]
        for choose in plan(self.chance, services, self.longest_pause):
            with suppress(TimeoutError):
                async with asyncio.timeout(self.chance.uniform(*GAP_S)):
                    await stop.wait()
            if stop.is_set():
                break
            fault = choose(self._rested)
            await self._make(fault, stop)
            self.done[fault.kind] += 1
        await wait_until(self._all_back, timeout=BACK_S, what="every part is back")

    async def _make(self, fault: Fault, stop: asyncio.Event) -> None:
        match fault.kind:
            case "kill":
                self._signal(fault.part, signal.SIGKILL)
            case "database restart":
                self._signal(fault.part, self.chance.choice([signal.SIGINT, signal.SIGQUIT]))
            case "broker deletion":
                await asyncio.to_thread(self._delete_broker)
            case "pause":
                await self._pause(fault, stop)
            case "duplicates out of order":
                await send_again(self.ports.of("nats"), self.chance, REPEATED)

    def _signal(self, instance: str, number: signal.Signals) -> PartRecord | None:
        self._hit[instance] = time.monotonic()
        found = self._part(instance)
        if found is None or not found.alive:
            return None
        with suppress(ProcessLookupError):
            os.kill(found.pid, number)
        return found

    async def _pause(self, fault: Fault, stop: asyncio.Event) -> None:
        paused = self._signal(fault.part, signal.SIGSTOP)
        if paused is None:
            return
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(fault.seconds):
                    await stop.wait()
        finally:
            if paused.alive:
                os.kill(paused.pid, signal.SIGCONT)

    def _delete_broker(self) -> None:
        """Take everything JetStream has stored away from under the running server, then kill it."""
        gone = set_aside(self.state.data / "nats" / "jetstream")
        found = self._part("nats")
        if found is not None and found.alive:
            os.kill(found.pid, signal.SIGKILL)
        shutil.rmtree(gone)
        self._hit["nats"] = time.monotonic()

    def _part(self, instance: str) -> PartRecord | None:
        return next((part for part in read_parts(self.state) if part.instance == instance), None)

    def _rested(self, instance: str) -> bool:
        hit = self._hit.get(instance)
        return hit is None or time.monotonic() - hit > REST_S

    def _all_back(self) -> bool:
        return all(part.alive for part in read_parts(self.state))
