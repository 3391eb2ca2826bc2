"""Starts that are interrupted or fail, killed wardens, damaged records."""

import signal
import subprocess

import pytest
from cli_process import Cli

from warden.identity import birth_of


def test_down_ends_what_a_killed_warden_left(cli: Cli) -> None:
    cli.up()
    pid = cli.pid()
    cli.kill_warden()
    status = cli.run("status")
    assert status.returncode == 0
    assert "supervisor has died" in status.stderr

    cli.run("down")

    assert birth_of(pid) is None


def test_up_takes_over_what_a_killed_warden_left_with_the_settings_it_had(cli: Cli) -> None:
    cli.up("--replicas", "tiny=2")
    before = cli.document("status")
    cli.kill_warden()

    again = cli.run("up")

    assert again.returncode == 0
    assert "adopted" in again.stderr
    assert cli.document("status")["services"] == before["services"]


def test_down_ends_all_when_the_record_of_the_warden_is_damaged(cli: Cli) -> None:
    cli.up()
    warden, pid = cli.warden(), cli.pid()
    (cli.state / "warden.json").write_text("{")

    assert cli.document("down")["stopped"] is True

    assert birth_of(warden) is None
    assert birth_of(pid) is None


def test_up_starts_anew_when_the_records_of_a_killed_system_are_damaged(cli: Cli) -> None:
    cli.up()
    cli.kill_warden()
    pid = cli.pid()
    for name in ("warden.json", "parts.json", "endpoints.json"):
        (cli.state / name).write_bytes(b"\xff{")

    assert cli.up().returncode == 0

    assert birth_of(pid) is None
    assert cli.document("status")["ready"] is True


def test_a_warden_that_is_killed_while_it_starts_leaves_nothing(cli: Cli) -> None:
    cli.checkout.tell("unready")
    starting = cli.start("up", "--port-base", str(cli.base), stderr=subprocess.PIPE)
    pid = cli.pid_of_the_unready()

    cli.kill_warden()

    assert "warden ended unexpectedly" in starting.communicate(timeout=20)[1]
    assert starting.returncode == 1
    assert birth_of(pid) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_start_undoes_it(cli: Cli, number: signal.Signals) -> None:
    cli.checkout.tell("unready")
    starting = cli.start("up", "--port-base", str(cli.base), stderr=subprocess.PIPE)
    pid = cli.pid_of_the_unready()

    starting.send_signal(number)

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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_attached_it_follows_the_logs_and_stops_all_on_interrupt(cli: Cli, number: signal.Signals) -> None:
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

    process.send_signal(number)

    assert process.wait(20) == 0
    assert birth_of(pid) is None
