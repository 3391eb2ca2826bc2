"""Looking into processes that hang, of every kind."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from test_process import part

from testkit import wait_until
from warden.dump import LONGEST, dump
from warden.process import Process, spawn

BLOCKED = """
import faulthandler, signal, time
faulthandler.register(signal.SIGUSR1)
def stuck_here():
    print("blocked", flush=True)
    time.sleep(60)
stuck_here()
"""
TURNING = """
import asyncio
from chassis.stacks import answer_for_tasks, answer_for_threads
async def waits_here():
    print("turning", flush=True)
    await asyncio.Event().wait()
async def main():
    answer_for_threads()
    answer_for_tasks()
    await asyncio.create_task(waits_here(), name="the one that waits")
asyncio.run(main())
"""
DEAF = """
import time
print("deaf", flush=True)
time.sleep(60)
"""


@asynccontextmanager
async def running(folder: Path, code: str, until: str) -> AsyncIterator[tuple[Process, Path]]:
    log = folder / "log"
    process = spawn(part(folder, code), log)
    try:
        await wait_until(lambda: until in log.read_text(), timeout=20)
        yield process, log
    finally:
        await process.kill()


async def test_a_blocked_process_shows_where_its_threads_are(tmp_path: Path) -> None:
    async with running(tmp_path, BLOCKED, "blocked") as (process, log):
        found = await dump(process.pid, log, ours=True)

    assert any("in stuck_here" in line for line in found.details["stacks"])
    assert found.details["wchan"]
    assert found.state.startswith("S")


async def test_a_stopped_process_shows_its_state_and_its_stacks_too(tmp_path: Path) -> None:
    async with running(tmp_path, BLOCKED, "blocked") as (process, log):
        os.kill(process.pid, signal.SIGSTOP)
        await wait_until(_stopped(process.pid))
        found = await dump(process.pid, log, ours=True)

    assert found.state == "T (stopped)"
    assert any("in stuck_here" in line for line in found.details["stacks"])


async def test_a_process_whose_loop_turns_shows_its_tasks(tmp_path: Path) -> None:
    async with running(tmp_path, TURNING, "turning") as (process, log):
        found = await dump(process.pid, log, ours=True)

    assert any("Task the one that waits" in line for line in found.details["stacks"])
    assert any("in waits_here" in line for line in found.details["stacks"])


async def test_one_that_would_be_ended_by_a_signal_is_sent_none(tmp_path: Path) -> None:
    async with running(tmp_path, DEAF, "deaf") as (process, log):
        found = await dump(process.pid, log, ours=True)
        ended = asyncio.ensure_future(process.ended())
        await asyncio.wait([ended], timeout=0.2)
        assert not ended.done()

    assert "stacks" not in found.details


async def test_looking_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    ignores = BLOCKED.replace("faulthandler.register(signal.SIGUSR1)", "signal.signal(signal.SIGUSR1, lambda *_: None)")
    async with running(tmp_path, ignores, "blocked") as (process, log):
        began = time.monotonic()
        found = await dump(process.pid, log, ours=True)
        took = time.monotonic() - began

    assert found.details["cut_off"]
    assert took < LONGEST + 0.5


def _stopped(pid: int) -> Callable[[], bool]:
    return lambda: ") T " in Path(f"/proc/{pid}/stat").read_text()
