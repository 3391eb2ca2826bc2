"""Starts that did not come to their end, and what they left behind."""

import signal
import subprocess

import pytest
from cli_process import Cli
from miniature import Engine
from starting import UP, start, wait_for


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_a_start_undoes_it(cli: Cli, engine: Engine, number: signal.Signals) -> None:
    engine.has("slow", value=True)
    starting = cli.start(*UP, "--port-base", str(cli.base), stderr=subprocess.PIPE)
    wait_for(engine.home / "containers.json")

    starting.send_signal(number)

    assert starting.wait(30) == 130
    assert engine.get("containers") == []
    assert not (cli.state / "docker" / "system.json").exists()


def test_a_start_that_was_killed_is_taken_over_with_the_settings_it_had(cli: Cli, engine: Engine) -> None:
    engine.has("slow", value=True)
    starting = cli.start(*UP, "--port-base", str(cli.base), "--replicas", "tiny=2", stderr=subprocess.PIPE)
    wait_for(engine.home / "containers.json")
    starting.kill()
    starting.communicate()
    engine.has("slow", value=False)

    assert cli.run("up").returncode == 0

    document = cli.document("status")
    assert document["ready"] is True
    assert {service["name"]: service["replicas"] for service in document["services"]} == {
        "store": 1, "tiny": 2, "mail": 1, "jaeger": 0,
    }  # fmt: skip


def test_how_containers_ended_before_is_no_failure_of_this_start(cli: Cli, engine: Engine) -> None:
    start(cli)
    found = engine.get("containers")
    for one in found:
        one["State"] |= {"Status": "exited", "ExitCode": 137, "Pid": 0, "FinishedAt": "2026-01-01T00:00:00Z"}
    engine.has("containers", found)
    engine.has("late", 2)
    assert cli.run("status").returncode == 1

    start(cli)

    assert cli.document("status")["ready"] is True
