"""What a process that hangs is doing, as far as it can be had within 300 ms, before it is ended."""

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST = 0.3
"""Seconds that looking may take."""
_QUIET = 0.04
"""Seconds without another byte after which a process has written what it had to say."""
_LINES = 200
_STACKS = signal.SIGUSR1  # every service answers it with the stacks of its threads (chassis.server)
_TASKS = signal.SIGUSR2  # and this one with the stacks of its tasks, if its event loop turns


@dataclass(frozen=True, slots=True)
class Found:
    """The state of the process in words, and everything that could be had."""

    state: str
    details: dict[str, Any]


async def dump(pid: int, log: Path, *, ours: bool) -> Found:
    """Look into a process; its log is where it writes its stacks to, if it is `ours`: others take signals otherwise.

    A stopped process (SIGSTOP) is let go on for the time it takes to write them, since it is ended right after.

    Raises:
        OSError: it is gone.
    """
    facts, before = _facts(pid), _size(log)
    try:
        async with asyncio.timeout(LONGEST):
            if ours:
                await _have_written(pid, log, before)
            facts["py_spy"] = await _py_spy(pid)
    except TimeoutError:
        facts["cut_off"] = f"after {LONGEST:g} s"
    facts["stacks"] = _stacks(log, before)
    return Found(facts["state"], {name: value for name, value in facts.items() if value})


def _facts(pid: int) -> dict[str, Any]:
    """What /proc says (proc(5)); of threads, what each waits for in the kernel."""
    folder = Path(f"/proc/{pid}")
    status = dict(line.partition(":\t")[::2] for line in (folder / "status").read_text().splitlines())
    waits: dict[str, str] = {}
    for thread in (folder / "task").iterdir():
        with suppress(OSError):
            waits[thread.name] = (thread / "wchan").read_text() or "running"
    return {
        "state": status["State"],
        "threads": int(status["Threads"]),
        "memory": status.get("VmRSS", ""),
        "wchan": waits,
    }


async def _have_written(pid: int, log: Path, before: int) -> None:
    asked = [number for number in (_STACKS, _TASKS) if _catches(pid, number)]
    for number in (*asked, signal.SIGCONT):
        os.kill(pid, number)
    if asked:
        await _quiet(log, before)


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether it has a handler; without one the signal would just end it."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1], 16)
    return bool(mask >> (number - 1) & 1)


async def _quiet(log: Path, before: int) -> None:
    """Wait until something was written and then nothing for a moment. A file's growth can only be looked for."""
    size, since = before, 0.0
    while size == before or since < _QUIET:
        await asyncio.sleep(_QUIET / 4)
        now = _size(log)
        since = 0.0 if now != size else since + _QUIET / 4
        size = now


async def _py_spy(pid: int) -> list[str]:
    """What py-spy sees, where it is installed and may look."""
    program = shutil.which("py-spy")
    if program is None:
        return []
    child = await asyncio.create_subprocess_exec(
        program, "dump", "--pid", str(pid), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        said, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
    return said.decode(errors="replace").splitlines()[:_LINES]


def _stacks(log: Path, start: int) -> list[str]:
    """The lines of stacks in the log since then; log lines, which are JSON, are left out."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if not line.startswith("{")][:_LINES]


def _size(log: Path) -> int:
    return log.stat().st_size
