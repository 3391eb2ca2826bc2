import asyncio
import os
import signal
import sys
from pathlib import Path

from testkit import wait_until
from warden.identity import birth_of
from warden.part import Part
from warden.process import Process, spawn

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
LEAVES_A_CHILD = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
"""


async def never() -> str | None:
    return "never ready"


def part(folder: Path, code: str) -> Part:
    return Part(
        name="p", instance="p-1", command=(sys.executable, "-c", code), environment={"PATH": os.environ["PATH"]},
        folder=folder, port=1, probe=never,
    )  # fmt: skip


async def child_pid(log: Path) -> int:
    return int(await wait_until(lambda: log.exists() and log.read_text().strip()))


async def test_a_group_that_ignores_the_signal_is_killed_whole(tmp_path: Path) -> None:
    process = spawn(part(tmp_path, STUBBORN), tmp_path / "log")
    grandchild = await child_pid(tmp_path / "log")

    assert not await process.stop(signal.SIGTERM, 0.2)

    await wait_until(lambda: birth_of(grandchild) is None)


async def test_what_a_process_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    process = spawn(part(tmp_path, LEAVES_A_CHILD), tmp_path / "log")

    assert await asyncio.wait_for(process.ended(), 5) == 0

    left = await child_pid(tmp_path / "log")
    await wait_until(lambda: birth_of(left) is None)


async def test_an_adopted_process_is_stopped_as_well(tmp_path: Path) -> None:
    ours = spawn(part(tmp_path, "import time; time.sleep(60)"), tmp_path / "log")
    adopted = Process(ours.pid, ours.birth)

    assert await adopted.stop(signal.SIGTERM, 5)
    assert await ours.ended() == -signal.SIGTERM


async def test_a_stopped_process_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    process = spawn(part(tmp_path, "import time; time.sleep(60)"), tmp_path / "log")
    os.kill(process.pid, signal.SIGSTOP)
    await wait_until(lambda: ") T " in Path(f"/proc/{process.pid}/stat").read_text())

    assert not await process.stop(signal.SIGTERM, 0.2)
