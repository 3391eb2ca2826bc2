"""What warden did, and lifting a quarantine."""

import json
import subprocess

from cli_process import Cli


def test_the_journal_tells_what_happened_also_when_nothing_runs_any_more(cli: Cli) -> None:
    cli.up()
    cli.run("down")

    lines = cli.run("journal").stdout.splitlines()
    entries = [json.loads(line) for line in cli.run("journal", "tiny-1", "--json").stdout.splitlines()]

    assert any("tiny-1" in line and "started" in line for line in lines)
    assert [entry["event"] for entry in entries][-1] == "stopped"
    assert {entry["instance"] for entry in entries} == {"tiny-1"}
    assert cli.run("journal", "nobody").stdout == ""


def test_the_journal_is_followed_as_it_is_written(cli: Cli) -> None:
    cli.up()
    pid = cli.pid()
    following = cli.start("journal", "tiny-1", "--follow", stdout=subprocess.PIPE)
    assert following.stdout is not None
    try:
        assert "started" in following.stdout.readline()
        subprocess.run(["kill", "-KILL", str(pid)], check=True)
        seen = next(line for line in following.stdout if "exited" in line)
    finally:
        following.kill()
        following.communicate()
    assert "signal 9" in seen


def test_only_what_is_in_quarantine_is_resumed(cli: Cli) -> None:
    cli.up()

    well, unknown = cli.run("resume", "tiny-1"), cli.run("resume", "nobody")

    assert (well.returncode, unknown.returncode) == (1, 1)
    assert "not in quarantine" in well.stderr
    assert "tiny" in unknown.stderr


def test_without_a_system_there_is_nobody_to_ask(cli: Cli) -> None:
    assert "./just up" in cli.run("resume", "tiny-1").stderr
