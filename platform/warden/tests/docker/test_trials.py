"""Releases on trial beside replicas that answer over HTTP, behind an engine that does what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from chassis.manifest import Manifest
from testkit import wait_until
from warden.alerts import TAKEN_BACK
from warden.control import ControlServer, ask
from warden.decide.figures import Figures
from warden.decide.model import Decision, Fleet
from warden.docker.commands import register_releases
from warden.docker.engine import Container, Verb
from warden.docker.keeper import Keeper
from warden.docker.trials import ALERT_SECONDS, Judged, Trials, judged
from warden.journal import Entry, Journal, read_entries
from warden.layout import StateFolder
from warden.release.analysis import Rule
from warden.tell import Teller

FIGURES = Figures(liveness_interval=0.02, startup_grace=0.2)
RULE = Rule(window=0.02, windows=3, worse=2, requests=30)
ORDERS = Manifest(name="orders", owner="team-checkout", pager="checkout@pharos.example", description="Orders.", tier=1)


@dataclass
class Replica:
    """Answers twenty requests between two looks at its metrics, so many of them with an error."""

    errors: int = 0
    ready: bool = True
    looks: int = 0

    def answer(self, path: str) -> str:
        if path == "/health/ready":
            return _response(200 if self.ready else 503, "")
        self.looks += 1
        counted = {"200": self.looks * (20 - self.errors), "500": self.looks * self.errors}
        name = "http_server_request_duration_seconds_count"
        lines = [f'{name}{{http_response_status_code="{code}"}} {count}' for code, count in counted.items()]
        return _response(200, "\n".join(lines))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        words = (await reader.readuntil(b"\r\n\r\n")).split(b" ")
        writer.write(self.answer(words[1].decode()).encode())
        writer.close()


@dataclass
class Scene:
    """The containers of one project."""

    found: dict[str, Container] = field(default_factory=dict)
    told: list[Decision] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    verdicts: dict[str, Judged] = field(default_factory=dict)

    async def act(self, verb: Verb, container: Container, *, grace: int | None = None) -> None:
        del grace
        self.acts.append((verb, container.id))
        self.change(container.id, state="exited")

    def change(self, identifier: str, **what: object) -> None:
        self.found[identifier] = msgspec.structs.replace(self.found[identifier], **what)

    @asynccontextmanager
    async def trials(self) -> AsyncIterator[Trials]:
        """Every trial is looked at again and again."""
        trials = Trials(engine=self, figures=FIGURES, rule=RULE, tell=self.told.append, verdicts=self.verdicts)

        async def look() -> None:
            while True:
                trials.see(list(self.found.values()))
                await asyncio.sleep(0.01)

        looking = asyncio.create_task(look())
        yield trials
        looking.cancel()
        trials.see([])

    async def until_told(self, event: str) -> Decision:
        await wait_until(
            lambda: [one for one in self.told if one.event == event], timeout=10, interval=0.01, what=event
        )
        return self.told[-1]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A replica of orders that serves well; tests put another beside it."""
    scene = Scene()
    async with serving(scene, Replica(), part="orders"):
        yield scene


@asynccontextmanager
async def serving(scene: Scene, replica: Replica, **what: str) -> AsyncIterator[None]:
    server = await asyncio.start_server(replica.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    one = Container(
        id=what["part"], number=1, state="running", address="127.0.0.1", ready=f"{port}/health/ready", **what
    )
    scene.found[one.id] = one
    yield
    server.close()


def on_trial(scene: Scene, replica: Replica) -> Any:
    return serving(scene, replica, part="orders-trial", trial="orders", release="2.0")


async def test_one_that_does_as_well_has_passed_and_goes_on(scene: Scene) -> None:
    async with on_trial(scene, Replica()), scene.trials() as trials:
        passed = await scene.until_told("trial-passed")

        assert (passed.instance, passed.service, passed.fault) == ("orders", "orders", "")
        assert "release 2.0: as good as before" in passed.reason
        assert scene.acts == []
        assert trials.alerts({"orders": ORDERS}, ORDERS, trials.verdicts["orders-trial"].at) == []


async def test_one_that_does_worse_is_stopped_and_its_owner_told_for_a_while(scene: Scene) -> None:
    async with on_trial(scene, Replica(errors=4)), scene.trials() as trials:
        bad = await scene.until_told("rolling-back")
        await wait_until(lambda: scene.acts, timeout=10, interval=0.01, what="it to be stopped")

        assert (bad.action, bad.fault, bad.service) == ("rollback", "release", "orders")
        assert "errors: 20.0%, before 0.0%" in bad.reason
        assert scene.acts == [("stop", "orders-trial")]
        at = trials.verdicts["orders-trial"].at
        (alert,) = trials.alerts({"orders": ORDERS}, ORDERS, at + ALERT_SECONDS - 1)
        assert (alert.labels["alertname"], alert.labels["owner"]) == (TAKEN_BACK, "team-checkout")
        assert trials.alerts({"orders": ORDERS}, ORDERS, at + ALERT_SECONDS) == []


async def test_one_that_ends_has_failed_and_is_not_started_again(scene: Scene) -> None:
    async with on_trial(scene, Replica()), scene.trials():
        scene.change("orders-trial", state="exited")

        assert "orders-trial-1 ended" in (await scene.until_told("rolling-back")).reason
        assert scene.acts == []


async def test_one_that_does_not_become_ready_has_failed(scene: Scene) -> None:
    async with on_trial(scene, Replica(ready=False)), scene.trials():
        assert "not ready within 0.2 s" in (await scene.until_told("rolling-back")).reason


async def test_one_that_somebody_removes_gets_no_verdict(scene: Scene) -> None:
    async with on_trial(scene, Replica(ready=False)), scene.trials():
        await asyncio.sleep(0.05)
        del scene.found["orders-trial"]
        await asyncio.sleep(2 * FIGURES.startup_grace)
        assert scene.told == []


@pytest.mark.parametrize(("passed", "acts"), [(True, []), (False, [("stop", "orders-trial")])])
async def test_a_verdict_outlives_warden(scene: Scene, passed: bool, acts: list[tuple[str, str]]) -> None:
    scene.verdicts["orders-trial"] = Judged("orders-trial", "2.0", "orders", passed, "because", 0.0)
    async with on_trial(scene, Replica(errors=10)), scene.trials():
        await asyncio.sleep(0.3)
    assert (scene.told, scene.acts) == ([], acts)


async def test_a_verdict_is_found_in_the_journal(scene: Scene, tmp_path: Any) -> None:
    journal = Journal(tmp_path / "journal")
    async with on_trial(scene, Replica(errors=4)), scene.trials():
        bad = await scene.until_told("rolling-back")
    Teller(journal, {"orders": ORDERS}).tell(bad)
    journal.append(Entry(time=0.0, event="rolling-back", service="orders", reason="one of embedded mode"))

    (found,) = judged(read_entries(journal.path)).values()

    assert (found.container, found.release, found.passed) == ("orders-trial", "2.0", False)
    assert f"release {found.release}: {found.reason}" == bad.reason


async def test_who_follows_a_trial_is_told_its_windows_and_its_end_also_afterwards(scene: Scene, tmp_path: Any) -> None:
    said: list[dict[str, Any]] = []
    async with asking(scene, StateFolder(tmp_path)) as state:
        following = asyncio.create_task(ask(state, "trial", {"container": "orders-trial"}, said.append))
        async with on_trial(scene, Replica()):
            answer = await following
            again = await ask(state, "trial", {"container": "orders-trial"})

    assert answer["outcome"] == again["outcome"] == "passed"
    assert [line["step"] for line in said][:2] == ["analysing", "window"]


async def test_one_that_is_left_gets_no_verdict_though_it_ends(scene: Scene, tmp_path: Any) -> None:
    async with asking(scene, StateFolder(tmp_path)) as state, on_trial(scene, Replica(ready=False)):
        await asyncio.sleep(0.05)
        await ask(state, "leave", {"container": "orders-trial"})
        scene.change("orders-trial", state="exited")
        await asyncio.sleep(2 * FIGURES.startup_grace)
    assert scene.told == []


async def test_what_is_settled_is_written_down_and_a_container_that_is_left_is_not_started_again(
    scene: Scene, tmp_path: Any
) -> None:
    settled = {"service": "orders", "release": "2.0", "undone": True, "bad": True, "reason": "it was worse"}
    async with asking(scene, StateFolder(tmp_path)) as state:
        await ask(state, "leave", {"container": "orders"})
        await ask(state, "settled", settled)

    (told,) = scene.told
    assert (told.event, told.fault, told.reason) == ("rolled-back", "release", "2.0 serves: it was worse")


@asynccontextmanager
async def asking(scene: Scene, state: StateFolder) -> AsyncIterator[StateFolder]:
    """A warden that can be asked."""
    control = ControlServer(state)
    keeper = Keeper(
        engine=scene, figures=FIGURES, needs={}, tell=scene.told.append, remember=lambda _: None, fleet=Fleet()
    )
    async with scene.trials() as trials:
        register_releases(control, keeper, trials)
        await control.start()
        with suppress(asyncio.CancelledError):
            yield state
        await control.stop()


def _response(status: int, body: str) -> str:
    return f"HTTP/1.1 {status} -\r\nConnection: close\r\n\r\n{body}"
