"""Releases of a tiny service take each other's places under a real warden, while requests go on."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from wardens import Wardens

from chassis.discovery.file import FileDiscovery
from chassis.resilience import Balancer
from testkit import wait_until
from testkit.tiny import TinyCheckout, release_tiny
from warden.control import ask
from warden.errors import ControlRefused
from warden.probe import http_get
from warden.release.record import Deployment, deployment_of

SHORT = "[release]\nwindow = 0.5\nrequests = 10\n"


@dataclass
class Load:
    """Requests at a fixed rate, each to a replica that a caller would choose; one that failed is tried again once."""

    wardens: Wardens
    shares: Counter[str] = field(default_factory=Counter)
    first_failed: int = 0
    failed: list[str] = field(default_factory=list)

    async def run(self, rate: float) -> None:
        discovery, balancer = FileDiscovery(self.wardens.state.endpoints), Balancer()
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._request(discovery, balancer))
                await asyncio.sleep(1 / rate)

    async def _request(self, discovery: FileDiscovery, balancer: Balancer) -> None:
        tried: list[str] = []
        problem = await self._attempt(discovery, balancer, tried)
        if problem:
            self.first_failed += 1
            problem = await self._attempt(discovery, balancer, tried)
        if problem:
            self.failed.append(problem)

    async def _attempt(self, discovery: FileDiscovery, balancer: Balancer, tried: list[str]) -> str:
        instance = balancer.pick(discovery.instances("tiny"), 0.0, random.random, avoid=tried)
        if instance is None:
            return "nobody serves"
        self.shares[instance.id] += 1
        tried.append(instance.url)
        admission = balancer.started(instance)
        try:
            status, _ = await http_get(int(instance.url.rpartition(":")[2]), "/")
        except OSError as error:
            return f"{instance.id}: {error}"
        finally:
            admission.finish()
        return "" if status == 200 else f"{instance.id}: {status}"

    @property
    def requests(self) -> int:
        return self.shares.total()


@asynccontextmanager
async def under_load(wardens: Wardens, rate: float = 100.0) -> AsyncIterator[Load]:
    load = Load(wardens)
    running = asyncio.create_task(load.run(rate))
    try:
        yield load
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.wait([running])


@pytest.fixture
def released(wardens: Wardens, checkout: TinyCheckout) -> Wardens:
    """A state folder with two releases, whose trials have short windows."""
    wardens.folder.mkdir()
    wardens.state.config.write_text(SHORT)
    for version in ("2.0.0", "3.0.0"):
        release_tiny(checkout, wardens.folder, version)
    return wardens


def releases(wardens: Wardens) -> list[str]:
    return [record.release for record in wardens.records().values() if record.part == "tiny"]


async def deploy(wardens: Wardens, version: str, *, skip_analysis: bool = False) -> tuple[dict[str, Any], list[Any]]:
    """The outcome, and what was said on the way."""
    said: list[Any] = []
    arguments = {"service": "tiny", "version": version, "skip_analysis": skip_analysis}
    return await ask(wardens.state, "deploy", arguments, said.append), said


async def test_a_good_release_takes_over_with_no_failed_request(released: Wardens) -> None:
    released.start("--replicas", "tiny=2").ready()

    async with under_load(released) as load:
        outcome, said = await deploy(released, "2.0.0")

    assert (outcome["outcome"], load.first_failed, load.failed) == ("deployed", 0, [])
    assert load.requests > 100
    assert releases(released) == ["2.0.0", "2.0.0"]
    steps = [line["step"] for line in said if line["step"] != "window"]
    assert steps == ["starting", "analysing", "draining", "starting", "draining"]
    assert deployment_of(released.state, "tiny") == Deployment(current="2.0.0", earlier=("",))


async def test_a_release_on_trial_gets_a_tenth(released: Wardens) -> None:
    released.state.config.write_text("[release]\nwindow = 3600\n")
    released.start().ready()
    asking = asyncio.create_task(deploy(released, "2.0.0"))
    await wait_until(lambda: len(released.endpoints()) == 2, timeout=20)

    async with under_load(released, rate=200) as load:
        await wait_until(lambda: load.requests > 600, timeout=20)

    assert 0.04 < load.shares["tiny-2"] / load.requests < 0.2
    asking.cancel()
    await asyncio.wait([asking])


async def test_a_release_with_errors_is_rolled_back_and_hardly_anybody_sees_one(
    released: Wardens, checkout: TinyCheckout
) -> None:
    checkout.tell("faulty-2.0.0")
    released.start("--replicas", "tiny=2").ready()
    before = {name: record.pid for name, record in released.records().items()}

    async with under_load(released, rate=200) as load:
        outcome, _ = await deploy(released, "2.0.0")

    assert outcome["outcome"] == "rolled-back"
    assert "errors" in outcome["reason"]
    assert {name: record.pid for name, record in released.records().items()} == before
    assert load.first_failed > 0
    assert len(load.failed) / load.requests <= 0.01
    assert ("rolling-back", "tiny") in released.journal()
    assert deployment_of(released.state, "tiny") == Deployment()


async def test_a_release_that_does_not_start_is_rolled_back_and_says_why(
    released: Wardens, checkout: TinyCheckout
) -> None:
    released.start().ready()
    checkout.tell("crash")

    outcome, _ = await deploy(released, "2.0.0")

    assert (outcome["outcome"], releases(released)) == ("rolled-back", [""])
    assert "exit code 3" in outcome["reason"]


async def test_without_requests_it_is_held_until_somebody_promotes_it(released: Wardens) -> None:
    released.start().ready()

    held, _ = await deploy(released, "2.0.0")

    assert held["outcome"] == "held"
    assert sorted(instance.weight for instance in released.endpoints()) == [pytest.approx(1 / 9), 1.0]
    promoted = await ask(released.state, "promote", {"service": "tiny"})
    assert (promoted["outcome"], releases(released)) == ("deployed", ["2.0.0"])


async def test_a_release_that_is_held_goes_on_by_itself_when_requests_come(released: Wardens) -> None:
    released.start().ready()
    await deploy(released, "2.0.0")

    async with under_load(released):
        await wait_until(lambda: releases(released) == ["2.0.0"], timeout=30)


async def test_a_rollback_brings_back_what_served_before_with_no_failed_request(released: Wardens) -> None:
    released.start().ready()
    await deploy(released, "2.0.0", skip_analysis=True)
    await deploy(released, "3.0.0", skip_analysis=True)

    async with under_load(released) as load:
        outcome = await ask(released.state, "rollback", {"service": "tiny"})

    assert (outcome["outcome"], outcome["release"]) == ("rolled-back", "2.0.0")
    assert (load.first_failed, releases(released)) == (0, ["2.0.0"])


async def test_a_rollback_undoes_a_rollout_under_way(released: Wardens) -> None:
    released.start().ready()
    await deploy(released, "2.0.0")

    outcome = await ask(released.state, "rollback", {"service": "tiny"})

    assert (outcome["outcome"], outcome["release"], releases(released)) == ("rolled-back", "checkout", [""])


async def test_what_is_deployed_is_started_by_the_next_up(released: Wardens) -> None:
    running = released.start()
    running.ready()
    await deploy(released, "2.0.0", skip_analysis=True)
    assert running.end() == 0

    released.start("--replicas", "tiny=2").ready()

    assert releases(released) == ["2.0.0", "2.0.0"]


@pytest.mark.parametrize("moment", ["starting", "analysing", "draining"])
async def test_a_rollout_whose_warden_is_killed_is_gone_on_with_by_the_next_one(released: Wardens, moment: str) -> None:
    first = released.start("--replicas", "tiny=2")
    first.ready()
    reached = asyncio.Event()

    def look(line: Any) -> None:
        if line["step"] == moment:
            reached.set()

    async with under_load(released) as load:
        arguments = {"service": "tiny", "version": "2.0.0"}
        asking = asyncio.create_task(ask(released.state, "deploy", arguments, look))
        await asyncio.wait_for(reached.wait(), 30)
        first.end(signal.SIGKILL)
        await asyncio.gather(asking, return_exceptions=True)

        await asyncio.to_thread(released.start("--replicas", "tiny=2").ready)
        await wait_until(lambda: deployment_of(released.state, "tiny").rollout is None, timeout=30)

    assert releases(released) == ["2.0.0", "2.0.0"]
    assert load.failed == []


async def test_what_does_not_fit_is_refused_with_what_to_do(released: Wardens) -> None:
    released.start().ready()

    for command, arguments, said, hint in (
        ("deploy", {"service": "tiny", "version": "9.9.9"}, "9.9.9", "2.0.0"),
        ("deploy", {"service": "tinny", "version": "2.0.0"}, "tinny", "tiny"),
        ("deploy", {"service": "tiny", "version": "../2.0.0"}, "version", "1.2.3"),
        ("deploy", {"service": "tiny", "version": "checkout"}, "serves already", "nothing to do"),
        ("deploy", {"service": "tiny"}, "version", "docs/releases.md"),
        ("promote", {"service": "tiny"}, "on trial", "deploy"),
        ("rollback", {"service": "tiny"}, "before checkout", "version"),
    ):
        with pytest.raises(ControlRefused, match=said) as caught:
            await ask(released.state, command, arguments)
        assert hint in caught.value.hint


async def test_a_release_that_was_changed_is_refused(released: Wardens) -> None:
    released.start().ready()
    (released.state.releases / "tiny" / "2.0.0" / "tiny.whl").write_text("something else")

    with pytest.raises(ControlRefused, match=r"tiny\.whl is not the file that was built"):
        await deploy(released, "2.0.0")
