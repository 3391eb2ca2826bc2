"""Faults of real processes, and what warden makes of them."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from wardens import Wardens

from testkit import wait_until
from testkit.tiny import TinyCheckout
from warden.control import ask
from warden.errors import ControlRefused
from warden.identity import birth_of
from warden.journal import Entry, read_entries
from warden.probe import http_get

THREE = ("--replicas", "tiny=3")


def entries(wardens: Wardens, instance: str, *events: str) -> list[Entry]:
    """What the journal says of one replica, of these events or of all."""
    found = [entry for entry in read_entries(wardens.state.journal) if entry.instance == instance]
    return [entry for entry in found if not events or entry.event in events]


def seen(wardens: Wardens, instance: str, *events: str, times: int = 1) -> Callable[[], bool]:
    return lambda: len(entries(wardens, instance, *events)) >= times


async def test_a_stopped_process_is_looked_into_and_started_anew_within_its_bound(wardens: Wardens) -> None:
    wardens.start(*THREE).ready()
    before = wardens.records()["tiny-2"]
    began = time.time()

    os.kill(before.pid, signal.SIGSTOP)

    await wait_until(seen(wardens, "tiny-2", "ready"), timeout=30)
    hung, dumped, stopped, started, ready = entries(wardens, "tiny-2", "hung", "dumped", "stopped", "started", "ready")[
        1:
    ]
    assert [entry.fault for entry in (hung, dumped, stopped, started, ready)] == ["hang"] * 5
    assert hung.time - began < 4.5
    assert dumped.time - hung.time < 0.5
    assert dumped.details["state"] == "T (stopped)"
    assert hung.owner == "team-test"
    assert wardens.records()["tiny-2"].restarts == 1
    assert {record.restarts for record in wardens.records().values()} == {0, 1}
    assert len(wardens.endpoints()) == 3


async def test_while_a_replica_hangs_nothing_is_sent_to_it(wardens: Wardens) -> None:
    wardens.start(*THREE).ready()

    os.kill(wardens.records()["tiny-1"].pid, signal.SIGSTOP)

    await wait_until(lambda: {one.id for one in wardens.endpoints()} == {"tiny-2", "tiny-3"}, interval=0.005)


async def test_when_half_of_the_replicas_hang_nothing_is_ended_and_that_is_said(wardens: Wardens) -> None:
    wardens.start("--replicas", "tiny=2").ready()
    pids = [record.pid for record in wardens.records().values()]

    os.kill(pids[0], signal.SIGSTOP)

    await wait_until(seen(wardens, "", "suspected"), timeout=20)
    assert all(birth_of(pid) for pid in pids)
    os.kill(pids[0], signal.SIGCONT)
    await wait_until(seen(wardens, "", "resolved"), timeout=20)
    assert [record.restarts for record in wardens.records().values()] == [0, 0]


async def test_a_replica_that_is_not_ready_is_held_not_restarted(wardens: Wardens, checkout: TinyCheckout) -> None:
    wardens.start(*THREE).ready()
    pids = {record.pid for record in wardens.records().values()}

    checkout.tell("unready")
    await wait_until(seen(wardens, "tiny-3", "unready"), timeout=20)
    (unready,) = entries(wardens, "tiny-3", "unready")
    checkout.untell("unready")
    await wait_until(seen(wardens, "tiny-3", "ready"), timeout=20)

    assert (unready.fault, unready.action, unready.details["causes"]) == ("dependency", "hold", ["postgres"])
    assert {record.pid for record in wardens.records().values()} == pids


async def test_a_replica_that_grows_is_drained_and_started_anew_with_its_trend_in_the_journal(
    wardens: Wardens, checkout: TinyCheckout
) -> None:
    wardens.folder.mkdir()
    (wardens.folder / "config.toml").write_text("[recovery]\nmemory_limit = 300\nsample_interval = 0.5\n")
    wardens.start(*THREE).ready()

    checkout.tell("grow-tiny-1")
    await wait_until(seen(wardens, "tiny-1", "swollen"), timeout=40)
    checkout.untell("grow-tiny-1")
    await wait_until(seen(wardens, "tiny-1", "ready"), timeout=20)

    (swollen,) = entries(wardens, "tiny-1", "swollen")
    assert swollen.fault == "memory"
    assert swollen.details["trend"][-1] > swollen.details["trend"][0]
    assert {record.restarts for record in wardens.records().values()} == {0, 1}


async def test_a_crash_loop_is_quarantined_over_the_death_of_warden_until_it_is_resumed(
    wardens: Wardens, checkout: TinyCheckout
) -> None:
    first = wardens.start(*THREE)
    first.ready()
    others = {instance: one.pid for instance, one in wardens.records().items() if instance != "tiny-1"}
    checkout.tell("crash-tiny-1")

    os.kill(wardens.records()["tiny-1"].pid, signal.SIGKILL)
    await wait_until(seen(wardens, "tiny-1", "quarantined"), timeout=60)

    assert len(entries(wardens, "tiny-1", "started")) <= 1 + 5
    assert {one.id for one in wardens.endpoints()} == set(others)
    first.end(signal.SIGKILL)
    wardens.start(*THREE).ready()
    assert wardens.records()["tiny-1"].pid == 0
    assert {instance: one.pid for instance, one in wardens.records().items() if instance != "tiny-1"} == others

    checkout.untell("crash-tiny-1")
    assert await ask(wardens.state, "resume", {"name": "tiny-1"}) == {"resumed": ["tiny-1"]}
    await wait_until(lambda: len(wardens.endpoints()) == 3, timeout=20)
    with pytest.raises(ControlRefused, match="not in quarantine"):
        await ask(wardens.state, "resume", {"name": "tiny"})


async def test_what_hangs_when_warden_is_started_again_is_healed_and_ends_nothing_else(wardens: Wardens) -> None:
    first = wardens.start(*THREE)
    first.ready()
    before = wardens.records()
    first.end(signal.SIGKILL)
    os.kill(before["tiny-2"].pid, signal.SIGSTOP)

    wardens.start(*THREE).ready()

    assert {one.id for one in wardens.endpoints()} == {"tiny-1", "tiny-3"}
    await wait_until(lambda: len(wardens.endpoints()) == 3, timeout=30)
    after = wardens.records()
    assert [after[one].pid == before[one].pid for one in sorted(after)] == [True, False, True]


async def test_the_budget_of_restarts_outlives_warden(wardens: Wardens, checkout: TinyCheckout) -> None:
    first = wardens.start(*THREE)
    first.ready()
    checkout.tell("crash-tiny-1")
    os.kill(wardens.records()["tiny-1"].pid, signal.SIGKILL)
    await wait_until(seen(wardens, "tiny-1", "exited", times=3), timeout=30)

    first.end(signal.SIGKILL)
    checkout.untell("crash-tiny-1")
    wardens.start(*THREE).ready()
    checkout.tell("crash-tiny-1")
    os.kill(wardens.records()["tiny-1"].pid, signal.SIGKILL)
    await wait_until(seen(wardens, "tiny-1", "quarantined"), timeout=60)

    assert len(entries(wardens, "tiny-1", "exited")) <= 5


async def test_a_replica_with_errors_is_ejected_brought_back_and_then_started_anew(
    wardens: Wardens, checkout: TinyCheckout
) -> None:
    wardens.folder.mkdir()
    figures = "sample_interval = 0.3\nwindow_requests = 5\nejection = 0.5\n"
    (wardens.folder / "config.toml").write_text(f"[recovery]\n{figures}")
    wardens.start(*THREE).ready()
    every = wardens.endpoints()
    checkout.tell("fail-tiny-1")
    asking = asyncio.create_task(_ask_for_ever([one.url for one in every]))

    await wait_until(seen(wardens, "tiny-1", "degraded"), timeout=40)
    checkout.untell("fail-tiny-1")
    await wait_until(seen(wardens, "tiny-1", "ready"), timeout=20)
    asking.cancel()

    events = [entry.event for entry in entries(wardens, "tiny-1", "ejected", "restored", "degraded")]
    assert events == ["ejected", "restored", "degraded"]
    assert {entry.fault for entry in entries(wardens, "tiny-1", "ejected", "degraded")} == {"errors"}
    assert not entries(wardens, "tiny-2", "ejected")


async def _ask_for_ever(urls: list[str]) -> None:
    while True:
        for url in urls:
            with suppress(OSError):
                await http_get(int(url.rpartition(":")[2]), "/")
        await asyncio.sleep(0.01)
