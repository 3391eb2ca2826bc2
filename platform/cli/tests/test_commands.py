"""The commands around a system's life, as real processes on a checkout with one tiny service."""

import json
import os
import pty
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from testkit.tiny import TinyCheckout, tiny_checkout
from warden.identity import birth_of
from warden.ports import is_free

PHAROS = Path(sys.executable).with_name("pharos")


@dataclass
class Cli:
    """Runs ``pharos`` on one state folder."""

    checkout: TinyCheckout
    state: Path
    base: int = field(
        default_factory=lambda: random.choice([b for b in range(20_000, 60_000, 100) if is_free(b) and is_free(b + 20)])
    )

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PHAROS_STATE": str(self.state), "PHAROS_PROMETHEUS": "off"}
        return subprocess.Popen([PHAROS, *arguments], cwd=self.checkout.root, env=environment, text=True, **options)

    def run(self, *arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = self.start(*arguments, **pipes)
        out, err = process.communicate(answer, timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def up(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run("up", "--port-base", str(self.base), *arguments)

    def pid(self) -> int:
        return int(json.loads(self.run("status", "--json").stdout)["services"][0]["instances"][0]["pid"])


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tiny_checkout(tmp_path), tmp_path / "state")
    yield cli
    cli.run("down")


def test_up_answers_in_the_documented_shape_and_nothing_else_on_standard_output(cli: Cli) -> None:
    done = cli.up("--json", "--replicas", "tiny=2")

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["mode"] == "embedded"
    assert document["ready"] is True
    assert 0 < document["seconds"] < 30
    assert document["endpoints"] == {"tiny": f"http://127.0.0.1:{cli.base + 20}"}
    assert document["services"] == [{"name": "tiny", "version": "1.2.3", "replicas": 2, "health": "ok"}]
    assert "tiny-1: ready" in done.stderr


def test_status_has_a_row_and_an_instance_for_each_process(cli: Cli) -> None:
    cli.up("--replicas", "tiny=2")

    document = json.loads(cli.run("status", "--json").stdout)
    rows = cli.run("status").stdout.splitlines()

    first, second = document["services"][0]["instances"]
    assert (first["instance"], second["instance"]) == ("tiny-1", "tiny-2")
    assert set(first) == {"instance", "pid", "port", "restarts", "health"}
    assert rows[0].split() == ["part", "version", "health", "pid", "port", "restarts"]
    assert rows[1].split() == ["tiny-1", "1.2.3", "ok", str(first["pid"]), str(first["port"]), "0"]


def test_status_tells_when_something_is_not_ready(cli: Cli) -> None:
    cli.up()
    cli.checkout.tell("unready")

    done = cli.run("status", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["ready"] is False
    assert json.loads(done.stdout)["services"][0]["health"] == "failing"


def test_a_second_up_says_so_and_starts_nothing(cli: Cli) -> None:
    cli.up()
    before = cli.pid()

    again, other = cli.run("up"), cli.run("up", "--replicas", "tiny=3")

    assert again.returncode == 0
    assert "running already" in again.stderr
    assert other.returncode == 1
    assert "./just down" in other.stderr
    assert cli.pid() == before


def test_down_ends_all_keeps_the_data_and_may_be_repeated(cli: Cli) -> None:
    cli.up()
    pid = cli.pid()

    first, second = cli.run("down", "--json"), cli.run("down")

    assert json.loads(first.stdout)["stopped"] is True
    assert birth_of(pid) is None
    assert (cli.state / "secrets" / "postgres-superuser").exists()
    assert second.returncode == 0
    assert "nothing was running" in second.stderr
    assert cli.run("status").returncode == 1


def test_down_ends_what_a_killed_warden_left(cli: Cli) -> None:
    cli.up()
    pid = cli.pid()
    os.kill(json.loads((cli.state / "warden.json").read_text())["pid"], signal.SIGKILL)
    status = cli.run("status")
    assert status.returncode == 0
    assert "supervisor has died" in status.stderr

    cli.run("down")

    assert birth_of(pid) is None


def test_reset_asks_and_deletes_only_when_told_to(cli: Cli) -> None:
    cli.up()
    secret = cli.state / "secrets" / "postgres-superuser"

    refused, unanswered = cli.run("reset", answer="n\n"), cli.run("reset")

    assert refused.returncode == unanswered.returncode == 1
    assert secret.exists()
    assert cli.run("status").returncode == 0
    assert cli.run("reset", answer="y\n").returncode == 0
    assert not secret.exists()
    assert cli.run("status").returncode == 1


def test_interrupting_a_start_undoes_it(cli: Cli) -> None:
    cli.checkout.tell("unready")
    starting = cli.start("up", "--port-base", str(cli.base), stderr=subprocess.PIPE)
    parts = cli.state / "parts.json"
    while not (parts.exists() and "tiny-1" in parts.read_text()):
        time.sleep(0.02)
    pid = json.loads(parts.read_text())[0]["pid"]

    starting.send_signal(signal.SIGINT)

    assert starting.wait(20) == 130
    assert birth_of(pid) is None
    assert not (cli.state / "warden.json").exists()


def test_a_failed_start_shows_the_end_of_the_log_and_what_to_read(cli: Cli) -> None:
    cli.checkout.tell("crash")

    done = cli.up()

    assert done.returncode == 1
    assert "the reason of the crash" in done.stderr
    assert "tiny-1.log" in done.stderr
    assert "Traceback" not in done.stderr


def test_attached_it_follows_the_logs_and_stops_all_on_interrupt(cli: Cli) -> None:
    process = cli.start("up", "--attach", "--port-base", str(cli.base), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    for line in process.stderr:
        if "following" in line:
            break
    pid = cli.pid()
    with (cli.state / "logs" / "tiny-1.log").open("a") as log:
        log.write("a line of the service\n")
    assert process.stdout is not None
    assert any("tiny-1" in line and "a line of the service" in line for line in process.stdout)

    process.send_signal(signal.SIGINT)

    assert process.wait(20) == 0
    assert birth_of(pid) is None


def test_on_a_terminal_a_start_is_shown_as_a_table_that_changes(cli: Cli) -> None:
    master, slave = pty.openpty()
    process = cli.start("up", "--port-base", str(cli.base), stdout=slave, stderr=slave)
    os.close(slave)
    assert process.wait(30) == 0
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert "\x1b[" in shown
    assert "tiny-1" in shown


def test_a_full_disk_is_named(cli: Cli) -> None:
    """A tiny file system of its own, where the test may mount one."""
    cli.state.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", cli.state], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        done = cli.up()
        assert done.returncode == 1
        assert "MB are free" in done.stderr
        assert "--state" in done.stderr
    finally:
        subprocess.run(["umount", cli.state], check=True)


@pytest.mark.parametrize("value", ["tiny", "tiny=0", "tiny=x", "=2", "tiny=17"])
def test_replicas_that_make_no_sense_are_a_usage_error(cli: Cli, value: str) -> None:
    done = cli.run("up", "--replicas", value)
    assert done.returncode == 2
    assert "NAME=N" in done.stderr


def test_a_mistake_in_the_configuration_is_named(cli: Cli) -> None:
    cli.state.mkdir()
    (cli.state / "config.toml").write_text("port_bsae = 7000\n")
    done = cli.run("up")
    assert done.returncode == 1
    assert "port_bsae" in done.stderr


def test_a_port_base_out_of_range_is_refused(cli: Cli) -> None:
    done = cli.run("up", "--port-base", "80")
    assert done.returncode == 1
    assert "out of range" in done.stderr


def test_outside_a_checkout_the_installed_one_is_used_or_the_error_says_where_to_go(tmp_path: Path) -> None:
    done = subprocess.run(
        [PHAROS, "status", "--state", str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "./just" in done.stderr


def test_the_port_of_another_process_is_named_with_its_owner(cli: Cli) -> None:
    shutil.copytree(Path(__file__).parents[2] / "edge", cli.checkout.root / "platform" / "edge")
    with socket.socket() as occupied:
        occupied.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupied.bind(("127.0.0.1", cli.base))
        occupied.listen()
        done = cli.up()
    assert done.returncode == 1
    assert f"port {cli.base}" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--port-base" in done.stderr
    assert not (cli.state / "parts.json").exists()


def test_a_service_can_be_run_in_the_foreground_beside_the_system(cli: Cli) -> None:
    cli.up()
    process = cli.start("run", "tiny", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert f"http://127.0.0.1:{cli.base + 99}" in process.stderr.readline()
        assert "serving" in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate()
    assert cli.run("run", "tinny").returncode == 1
