"""Containers that end, hang and crash for ever, behind an engine that does what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from testkit import wait_until
from warden.decide.figures import Figures
from warden.decide.model import Decision, Fleet, Replica, Resumed
from warden.docker.engine import Container, EngineFailed, Verb
from warden.docker.keeper import Keeper

FIGURES = Figures(liveness_interval=0.02, first_delay=0.01, longest_delay=0.02, disruption_interval=0.1)


@dataclass
class Containers:
    """An engine in this process."""

    found: dict[str, Container] = field(default_factory=dict)
    acts: list[tuple[str, str, int | None]] = field(default_factory=list)
    broken: bool = False

    async def listed(self) -> list[Container]:
        if self.broken:
            raise EngineFailed("it is gone")
        return list(self.found.values())

    async def act(self, verb: Verb, container: Container, *, grace: int | None = None) -> None:
        self.acts.append((verb, container.instance, grace))
        if self.broken:
            raise EngineFailed("it is gone")
        self.change(container.instance, state="exited" if verb == "stop" else "running", code=None, health="healthy")

    def add(self, part: str, **what: str) -> str:
        one = Container(id=part, part=part, number=1, state="running", health="healthy", alive="engine")
        self.found[one.instance] = msgspec.structs.replace(one, **what)
        return one.instance

    def change(self, instance: str, **what: object) -> None:
        self.found[instance] = msgspec.structs.replace(self.found[instance], **what)


@dataclass
class Kept:
    engine: Containers
    keeper: Keeper
    told: list[Decision]
    remembered: list[Fleet]

    def events(self, instance: str) -> list[str]:
        return [one.event for one in self.told if one.instance == instance]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        await wait_until(condition, timeout=10, interval=0.01, what=what)


@pytest.fixture
async def kept() -> AsyncIterator[Kept]:
    found = kept_with(Fleet())
    running = asyncio.create_task(found.keeper.run())
    yield found
    running.cancel()
    await asyncio.wait([running])


def kept_with(memory: Fleet) -> Kept:
    engine = Containers()
    told: list[Decision] = []
    remembered: list[Fleet] = []
    needs = {"orders": frozenset({"postgres"})}
    keeper = Keeper(
        engine=engine, figures=FIGURES, needs=needs, tell=told.append, remember=remembered.append, fleet=memory
    )
    return Kept(engine, keeper, told, remembered)


async def test_one_that_was_killed_is_started_and_nothing_else_is_touched(kept: Kept) -> None:
    killed, other = kept.engine.add("orders"), kept.engine.add("payments")
    await kept.until(lambda: len(kept.keeper.fleet.replicas) == 2, "both to be seen")
    kept.engine.change(killed, state="exited", code=137)
    await kept.until(lambda: "ready" in kept.events(killed), "it to be ready again")

    assert kept.events(killed) == ["exited", "ready"]
    assert kept.engine.acts == [("start", killed, None)]
    assert kept.events(other) == []
    assert kept.remembered[-1].replicas[killed].restarts == 1


async def test_one_whose_health_check_fails_is_stopped_in_a_hurry_and_started(kept: Kept) -> None:
    sick, _, _ = kept.engine.add("orders"), kept.engine.add("payments"), kept.engine.add("postgres")
    await kept.until(lambda: len(kept.keeper.fleet.replicas) == 3, "all to be seen")
    kept.engine.change(sick, health="unhealthy")
    await kept.until(lambda: kept.events(sick)[-1:] == ["ready"], "it to be ready again")

    assert [event for event in kept.events(sick) if event != "unready"] == ["hung", "stopped", "ready"]
    assert kept.engine.acts == [("stop", sick, 1), ("start", sick, None)]


async def test_one_that_cannot_be_stopped_is_stopped_later(kept: Kept) -> None:
    sick, _, _ = kept.engine.add("orders"), kept.engine.add("payments"), kept.engine.add("mail")
    await kept.until(lambda: len(kept.keeper.fleet.replicas) == 3, "all to be seen")
    kept.engine.change(sick, health="unhealthy")
    await kept.until(lambda: "hung" in kept.events(sick), "the hang to be noticed")
    kept.engine.broken = True
    await asyncio.sleep(0.1)
    kept.engine.broken = False
    await kept.until(lambda: kept.events(sick)[-1:] == ["ready"], "it to be ready again")


async def test_one_that_ends_again_and_again_is_left_alone_until_somebody_resumes_it(kept: Kept) -> None:
    looping = kept.engine.add("orders")
    await kept.until(lambda: kept.keeper.fleet.replicas, "it to be seen")

    def ended_again() -> bool:
        if kept.engine.found[looping].state == "running":
            kept.engine.change(looping, state="exited", code=1)
        return "quarantined" in kept.events(looping)

    await kept.until(ended_again, "quarantine")
    starts = len(kept.engine.acts)
    await asyncio.sleep(0.2)
    assert (starts, len(kept.engine.acts)) == (FIGURES.restarts, FIGURES.restarts)

    kept.keeper.see(Resumed(looping))
    await kept.until(lambda: kept.events(looping)[-2:] == ["resumed", "ready"], "it to be started again")


async def test_a_container_that_waits_for_others_before_its_first_start_is_left_to_who_made_it(kept: Kept) -> None:
    waiting, other = kept.engine.add("orders", state="created"), kept.engine.add("mail")
    await kept.until(lambda: other in kept.keeper.fleet.replicas, "the other to be seen")
    assert waiting not in kept.keeper.fleet.replicas
    assert kept.engine.acts == []


async def test_a_warden_that_sees_nothing_says_so_and_goes_on_when_it_does(kept: Kept) -> None:
    kept.engine.broken = True
    await kept.until(lambda: "it is gone" in kept.keeper.lacks(), "it to be said")
    kept.engine.broken = False
    await kept.until(lambda: kept.keeper.lacks() == "", "it to be over")


async def test_one_that_is_left_is_not_started_again_and_the_others_are(kept: Kept) -> None:
    left, other = kept.engine.add("orders"), kept.engine.add("mail")
    await kept.until(lambda: len(kept.keeper.fleet.replicas) == 2, "both to be seen")
    kept.keeper.leave("orders")
    for instance in (left, other):
        kept.engine.change(instance, state="exited", code=0)
    await kept.until(lambda: "ready" in kept.events(other), "the other to be ready again")

    assert (kept.events(left), kept.engine.acts) == ([], [("start", other, None)])
    assert left not in kept.keeper.fleet.replicas


@pytest.mark.parametrize(("state", "phase"), [("exited", "quarantined"), ("running", "up")])
async def test_a_quarantine_outlives_warden_unless_somebody_has_started_it_since(state: str, phase: str) -> None:
    remembered = Replica("orders-1", "orders", phase="quarantined")
    found = kept_with(Fleet({"orders-1": remembered}))
    instance = found.engine.add("orders", state=state)
    running = asyncio.create_task(found.keeper.run())
    await found.until(lambda: instance in found.keeper.fleet.replicas, "it to be seen")
    await asyncio.sleep(0.1)
    running.cancel()
    assert found.keeper.fleet.replicas[instance].phase == phase
    assert found.engine.acts == []
