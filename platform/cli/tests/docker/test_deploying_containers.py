"""Releases take each other's places in containers: what is started and removed, and what a killed command leaves."""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cli_process import Cli
from miniature import Engine
from starting import start, wait_for

from warden.ports import is_free
from warden.release.artefact import Manifest, digests, encode

PASSED = [{"step": "analysing", "instance": "tiny-trial-1"}, {"outcome": "passed", "reason": "as good as before"}]
FAILED = [{"outcome": "failed", "reason": "worse in 3 of 5 windows"}]
HELD = [{"outcome": "held", "reason": "3 of 50 requests that are needed"}]
BESIDE = {"mail-1", "store-1", "tiny-migrate-1", "warden-1"}
REPLICAS = 4
NUMBERS = range(1, REPLICAS + 1)


@dataclass
class Scene:
    """A system that is up, with a release that was built, and replicas that are ready unless they are named."""

    cli: Cli
    engine: Engine
    unready: set[int] = field(default_factory=set)

    def running(self) -> dict[str, str]:
        """The containers of the service, with the tags of their images."""
        prefix = f"{self.project}-"
        found = {one["Name"][1:].removeprefix(prefix): one["Config"]["Image"] for one in self.engine.get("containers")}
        return {name: _tag(image, prefix) for name, image in found.items() if name not in BESIDE}

    @property
    def project(self) -> str:
        return str(json.loads((self.cli.state / "docker" / "system.json").read_text())["project"])

    def release(self, version: str) -> None:
        folder = self.cli.state / "releases" / "tiny" / version
        folder.mkdir(parents=True)
        (folder / "service.toml").write_text("")
        manifest = Manifest(service="tiny", version=version, chassis="0.1.0", files=digests(folder))
        (folder / "manifest.json").write_bytes(encode(manifest))

    def serves(self) -> str:
        return str(self.cli.document("releases", "tiny")["current"])


@pytest.fixture
def scene(cli: Cli, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.delenv("PHAROS_TAG", raising=False)
    model = engine.get("model")
    model["services"]["tiny"] |= {"image": "pharos-tiny:dev", "labels": {"pharos.ready": "8080/health/ready"}}
    model["services"]["warden"] = {"image": "warden:1"}
    engine.has("model", model)
    base = next(one for one in range(cli.base + 20, cli.base + 90, REPLICAS) if _is_free(one))
    engine.has("published", {"tiny": base})
    scene = Scene(cli, engine)
    servers = [_server(scene, base, number) for number in NUMBERS]
    start(cli)
    scene.release("2.0")
    yield scene
    for server in servers:
        server.shutdown()
        server.server_close()


def test_what_passed_takes_over_and_serves_after_the_next_up_as_well(scene: Scene) -> None:
    scene.engine.has("trial", PASSED)

    done = scene.cli.run("deploy", "tiny")

    assert done.returncode == 0, done.stderr
    assert scene.running() == {"tiny-2": "2.0"}
    assert scene.engine.get("asked") == ["trial", "leave", "leave", "settled"]
    steps = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert steps == ["building", "bringing", "starting", "tiny-trial-1", "starting", "draining", "draining", "tiny:"]
    (tiny,) = [one for one in scene.cli.document("status")["services"] if one["name"] == "tiny"]
    assert tiny["version"] == "2.0"

    scene.cli.run("down")
    scene.engine.has("calls", [])
    again = start(scene.cli)
    assert "tiny runs its release 2.0" in again.stderr
    assert "PHAROS_TINY_TAG='2.0-" in (scene.cli.state / "docker" / "compose.env").read_text()
    assert "build" not in scene.engine.calls


def test_what_failed_is_removed_and_what_served_serves(scene: Scene) -> None:
    scene.engine.has("trial", FAILED)

    done = scene.cli.run("deploy", "tiny", "2.0")

    assert done.returncode == 1
    assert "rolled back to checkout: worse in 3 of 5 windows" in done.stderr
    assert (scene.running(), scene.serves()) == ({"tiny-1": "dev"}, "checkout")
    assert scene.engine.get("asked") == ["trial", "leave", "settled"]


def test_what_cannot_migrate_is_never_started(scene: Scene) -> None:
    scene.engine.has("unmigratable", True)

    done = scene.cli.run("deploy", "tiny", "2.0")

    assert done.returncode == 1
    assert "the reason of the migration" in done.stderr
    assert (scene.running(), scene.serves()) == ({"tiny-1": "dev"}, "checkout")


@pytest.mark.parametrize(("command", "running"), [("promote", {"tiny-2": "2.0"}), ("rollback", {"tiny-1": "dev"})])
def test_what_is_held_waits_for_somebody_to_decide(scene: Scene, command: str, running: dict[str, str]) -> None:
    scene.engine.has("trial", HELD)
    held = scene.cli.run("deploy", "tiny", "2.0")

    assert held.returncode == 1
    assert f"./just tiny {command}" in held.stderr
    assert scene.running() == {"tiny-1": "dev", "tiny-trial-1": "2.0"}

    done = scene.cli.run(command, "tiny")
    assert done.returncode == 0, done.stderr
    assert scene.running() == running


def test_a_rollback_brings_back_what_served_before(scene: Scene) -> None:
    scene.cli.run("deploy", "tiny", "2.0", "--skip-analysis")
    assert scene.running() == {"tiny-2": "2.0"}

    back = scene.cli.document("rollback", "tiny")

    assert (back["outcome"], back["release"]) == ("rolled-back", "checkout")
    assert scene.running() == {"tiny-3": "dev"}
    refused = scene.cli.run("rollback", "tiny")
    assert (refused.returncode, "served before checkout" in refused.stderr) == (1, True)


@pytest.mark.parametrize(("version", "running"), [("2.0", {"tiny-2": "2.0"}), ("3.0", {"tiny-2": "3.0"})])
def test_a_trial_whose_command_was_killed_is_gone_on_with_or_ended(
    scene: Scene, version: str, running: dict[str, str]
) -> None:
    killed = scene.cli.start("deploy", "tiny", "2.0")
    wait_for(scene.engine.home / "asked.json")
    killed.kill()
    killed.wait()
    assert scene.running() == {"tiny-1": "dev", "tiny-trial-1": "2.0"}

    scene.engine.has("trial", PASSED)
    scene.release("3.0")
    done = scene.cli.run("deploy", "tiny", version)

    assert done.returncode == 0, done.stderr
    assert scene.running() == running


@pytest.mark.parametrize(
    "command", [("deploy", "tiny", "2.0"), ("rollback", "tiny"), ("up",)], ids=lambda words: words[0]
)
def test_a_replacement_whose_command_was_killed_is_finished_or_undone(scene: Scene, command: tuple[str, ...]) -> None:
    scene.unready = {2}
    killed = scene.cli.start("deploy", "tiny", "2.0", "--skip-analysis")
    while "tiny-2" not in scene.running():
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert set(scene.running()) == {"tiny-1", "tiny-2"}

    scene.unready = set()
    done = scene.cli.run(*command)

    assert done.returncode == 0, done.stderr
    assert scene.running() == ({"tiny-1": "dev"} if command[0] == "rollback" else {"tiny-2": "2.0"})


def test_what_does_not_fit_is_refused_with_what_to_do(scene: Scene) -> None:
    for words, said in (
        (("deploy", "tiny", "7.0"), "there is no release 7.0"),
        (("deploy", "tiny", "checkout"), "serves already"),
        (("deploy", "big", "2.0"), "there is no service big"),
        (("promote", "tiny"), "no release of tiny is on trial"),
    ):
        done = scene.cli.run(*words)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    assert scene.running() == {"tiny-1": "dev"}


def _tag(image: str, prefix: str) -> str:
    return image.rpartition(":")[2].removesuffix("-" + prefix.removeprefix("pharos-").removesuffix("-"))


def _is_free(base: int) -> bool:
    return all(is_free(base + number) for number in NUMBERS)


def _server(scene: Scene, base: int, number: int) -> ThreadingHTTPServer:
    class Replica(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if number in scene.unready else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", base + number), Replica)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server
