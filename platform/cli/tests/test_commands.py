"""Up, status, down, reset and run when all goes well."""

import json
import os
import pty
import subprocess

from cli_process import Cli

from warden.identity import birth_of


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

    again, same = cli.run("up"), cli.run("up", "--port-base", str(cli.base), "--replicas", "tiny=1")
    other = cli.run("up", "--replicas", "tiny=3")

    assert again.returncode == same.returncode == 0
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


def test_reset_answers_in_json_and_leaves_settings_only(cli: Cli) -> None:
    cli.up()
    (cli.state / "config.toml").write_text("port_base = 7800\n")
    (cli.state / "journal.1").touch()

    first, second = cli.document("reset", "--yes"), cli.document("reset", "--yes")

    assert first == {"stopped": True, "deleted": True}
    assert second == {"stopped": False, "deleted": False}
    assert {path.name for path in cli.state.iterdir()} == {"config.toml", "warden.lock"}


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


def test_on_a_terminal_a_start_is_shown_as_a_table_that_changes(cli: Cli) -> None:
    master, slave = pty.openpty()
    process = cli.start("up", "--port-base", str(cli.base), stdout=slave, stderr=slave)
    os.close(slave)
    assert process.wait(30) == 0
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert "\x1b[" in shown
    assert "tiny-1" in shown


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
