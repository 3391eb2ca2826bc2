"""A warden and a tiny service, as real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from wardens import Wardens, free_base

from testkit import wait_until
from testkit.tiny import TinyCheckout
from warden.environment import MARK
from warden.identity import birth_of


async def test_what_was_started_serves_and_is_found_and_ends_with_its_warden(wardens: Wardens) -> None:
    running = wardens.start("--replicas", "tiny=2")

    events = running.ready()

    assert [(event.part, event.state) for event in events if event.state == "ready"].count(("tiny-1", "ready")) == 1
    first, second = wardens.endpoints()
    assert {first.id, second.id} == {"tiny-1", "tiny-2"}
    pids = {wardens.answers(first), wardens.answers(second)}
    assert pids == {record.pid for record in wardens.records().values()}
    assert running.end() == 0
    assert all(birth_of(pid) is None for pid in pids)
    assert not wardens.state.endpoints.exists()
    assert not wardens.state.warden.exists()


async def test_a_killed_replica_is_started_again_and_meanwhile_not_found(wardens: Wardens) -> None:
    wardens.start().ready()
    before = wardens.records()["tiny-1"]

    os.kill(before.pid, signal.SIGKILL)

    await wait_until(lambda: not wardens.endpoints(), interval=0.005)
    await wait_until(wardens.endpoints, timeout=20)
    after = wardens.records()["tiny-1"]
    assert after.restarts == 1
    assert wardens.answers(wardens.endpoints()[0]) == after.pid != before.pid
    assert ("exited", "tiny-1") in wardens.journal()


async def test_after_a_kill_of_the_warden_the_next_one_adopts_what_serves_on(wardens: Wardens) -> None:
    first = wardens.start()
    first.ready()
    before = wardens.records()["tiny-1"]
    first.end(signal.SIGKILL)
    assert wardens.answers(wardens.endpoints()[0]) == before.pid

    events = wardens.start().ready()

    assert ("tiny-1", "adopted") in [(event.part, event.state) for event in events]
    assert wardens.records()["tiny-1"].pid == before.pid
    os.kill(before.pid, signal.SIGKILL)
    await wait_until(lambda: wardens.records()["tiny-1"].pid not in {0, before.pid}, timeout=20)


async def test_what_a_killed_warden_left_is_ended_when_the_next_one_has_other_settings(wardens: Wardens) -> None:
    first = wardens.start()
    first.ready()
    before = wardens.records()["tiny-1"]
    first.end(signal.SIGKILL)
    wardens.base = free_base()

    wardens.start().ready()

    assert birth_of(before.pid) is None
    assert wardens.records()["tiny-1"].port == wardens.base + 20


async def test_a_process_that_was_started_but_not_written_down_is_ended(wardens: Wardens, tmp_path: Path) -> None:
    stray = _sleeping({**os.environ, MARK: str(tmp_path / "state")})
    await wait_until(lambda: MARK.encode() in Path(f"/proc/{stray.pid}/environ").read_bytes())

    wardens.start().ready()

    assert stray.wait(5) == -signal.SIGTERM


def test_a_service_that_ends_while_it_starts_fails_the_start_and_says_why(
    wardens: Wardens, checkout: TinyCheckout
) -> None:
    checkout.tell("crash")

    failure = wardens.start("--replicas", "tiny=2").failed()

    assert failure.reason == "part-failed"
    assert "exit code 3" in failure.message
    assert "the reason of the crash" in failure.log
    assert not wardens.state.warden.exists()
    assert not wardens.records()


async def test_a_start_nobody_waits_for_any_more_is_undone(wardens: Wardens, checkout: TinyCheckout) -> None:
    checkout.tell("unready")
    running = wardens.start()
    await wait_until(wardens.records, timeout=20)
    pid = wardens.records()["tiny-1"].pid

    os.close(running.pipe)

    assert running.child.wait(20) == 1
    assert birth_of(pid) is None


async def test_a_signal_while_it_starts_undoes_everything(wardens: Wardens, checkout: TinyCheckout) -> None:
    checkout.tell("unready")
    running = wardens.start()
    await wait_until(wardens.records, timeout=20)
    pid = wardens.records()["tiny-1"].pid

    running.child.terminate()

    assert running.failed().reason == "given-up"
    assert birth_of(pid) is None


def test_a_second_warden_for_the_same_folder_is_refused(wardens: Wardens) -> None:
    wardens.start().ready()

    assert wardens.start().failed().reason == "already-running"

    assert wardens.answers(wardens.endpoints()[0])


def test_replicas_of_an_unknown_service_are_refused_with_the_known_names(wardens: Wardens) -> None:
    failure = wardens.start("--replicas", "tinny=2").failed()

    assert "tinny" in failure.message
    assert "tiny" in failure.hint


def test_a_manifest_with_a_mistake_is_named(wardens: Wardens, checkout: TinyCheckout) -> None:
    manifest = checkout.root / "services" / "tiny" / "service.toml"
    manifest.write_text(manifest.read_text().replace("tier = 4", "tear = 4"))

    failure = wardens.start().failed()

    assert failure.reason == "settings-refused"
    assert "service.toml" in failure.message


def test_a_replica_port_that_is_taken_is_passed_over(wardens: Wardens) -> None:
    with socket.socket() as occupied:
        occupied.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        occupied.bind(("127.0.0.1", wardens.base + 20))
        occupied.listen()
        wardens.start().ready()

    assert wardens.records()["tiny-1"].port == wardens.base + 21


def test_a_stubborn_service_and_its_children_do_not_outlive_the_end(wardens: Wardens, checkout: TinyCheckout) -> None:
    checkout.tell("stubborn")
    running = wardens.start()
    running.ready()
    grandchild = int((checkout.control / "grandchild").read_text())
    began = time.monotonic()

    assert running.end() == 0

    assert birth_of(grandchild) is None
    assert time.monotonic() - began < 12


def _sleeping(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=environment)
