"""Real experiments at a small size: what is broken on purpose is noticed, healed, judged, and undone."""

import json
import signal
import subprocess
import sys
from asyncio import create_subprocess_exec
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.system import ROOT, System, new_system
from testkit import wait_until
from warden.layout import StateFolder
from warden.record import PartRecord, read_parts

CHAOS = (sys.executable, "-P", "-m", "chaos")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    system = new_system()
    try:
        system.start("--chaos", "--replicas", "orders=2", "--replicas", "inventory=2")
        yield system
    finally:
        system.remove()


def chaos(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHAOS, *words, "--state", str(system.state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def part(system: System, instance: str) -> PartRecord:
    return next(one for one in read_parts(StateFolder(system.state)) if one.instance == instance)


def is_stopped(record: PartRecord) -> bool:
    """Whether it runs, but stands still."""
    try:
        stat = Path(f"/proc/{record.pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def verdict(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_killed_replica_is_noticed_and_replaced_and_no_order_is_lost(system: System) -> None:
    before = part(system, "orders-1")

    found = verdict(chaos(system, "kill", "--json"))

    measured = found["measured"]
    assert measured["method"] == []
    assert measured["detection_seconds"] < measured["recovery_seconds"]
    assert (measured["restarts"], measured["bystanders"]) == (1, {})
    assert (measured["orders"]["lost"], measured["orders"]["doubled"]) == (0, 0)
    assert measured["orders"]["acknowledged"] > 0
    assert found["cold_start_seconds"] > 0
    assert part(system, "orders-1").pid != before.pid
    assert len(list((system.state / "chaos" / "verdicts").glob("*-kill.json"))) == 1
    assert "kill" in chaos(system, "report").stdout


async def test_what_a_killed_run_had_done_is_undone(system: System) -> None:
    before = part(system, "inventory-1")
    hang = (*CHAOS, "hang", "--target", "inventory-1", "--state", str(system.state))
    run = await create_subprocess_exec(*hang, cwd=ROOT, stderr=subprocess.DEVNULL)
    await wait_until(lambda: is_stopped(before), timeout=60, what="the replica stands still")

    run.send_signal(signal.SIGKILL)
    await run.wait()

    await wait_until(lambda: not is_stopped(before), what="it runs on, or has been replaced")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["meteor"], 2, "there is no experiment meteor"),
        (["kill", "--target", "postgres"], 3, "kill cannot hit postgres"),
    ],
)
def test_what_cannot_be_run_is_said_and_nothing_is_broken(
    system: System, words: list[str], code: int, said: str
) -> None:
    before = {one.instance: one.pid for one in read_parts(StateFolder(system.state))}

    done = chaos(system, *words)

    assert done.returncode == code
    assert said in done.stderr
    assert {one.instance: one.pid for one in read_parts(StateFolder(system.state))} == before


def test_a_system_that_is_not_up_is_said(tmp_path: Path) -> None:
    done = chaos(System(tmp_path, 0), "kill")

    assert done.returncode == 3
    assert "./just up --replicas orders=2" in done.stderr
