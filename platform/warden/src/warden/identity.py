"""Which process is meant: a pid alone may belong to another process by the time it is used."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_STATE = 0  # index of the state letter in /proc/PID/stat after the command's closing parenthesis (proc(5))
_PARENT = 1
_START_TIME = 19  # index of the start time, in clock ticks after boot
_POLL_SECONDS = 0.2  # where the system has no pidfd


def birth_of(pid: int) -> str | None:
    """What tells this process from any other that had or will have its pid; None if there is no such process.

    A process that has ended but was not yet waited for counts as gone.
    """
    if sys.platform != "linux":
        return _portable_birth(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in "ZX" else f"{boot()}:{fields[_START_TIME]}"


def ancestry(pid: int) -> list[int]:
    """The process, its parent, and so on up (Linux)."""
    line = []
    while pid > 1:
        line.append(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_PARENT])
        except (FileNotFoundError, ProcessLookupError):
            break
    return line


def alive(pid: int, birth: str) -> bool:
    """Whether this very process still runs."""
    return birth_of(pid) == birth


async def gone(pid: int, birth: str) -> None:
    """Return as soon as this very process has ended, whoever its parent is."""
    loop = asyncio.get_running_loop()
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except (AttributeError, OSError):
        await _poll(pid, birth)
        return
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        if alive(pid, birth):
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _poll(pid: int, birth: str) -> None:
    while alive(pid, birth):  # noqa: ASYNC110 - such a system offers nothing to await
        await asyncio.sleep(_POLL_SECONDS)


def signal_process(pid: int, birth: str, number: signal.Signals) -> bool:
    """Signal this very process; False if it is gone."""
    if not alive(pid, birth):
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def signal_group(pid: int, birth: str, number: signal.Signals) -> bool:
    """Signal the process group that this process leads, or it alone if it leads none; False if it is gone."""
    if not alive(pid, birth):
        return False
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return signal_process(pid, birth, number)
    return True


def processes_in(folder: Path) -> Iterator[int]:
    """The living processes whose working directory is this folder."""
    if sys.platform != "linux":
        return
    wanted = str(folder.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _working_directory(entry) == wanted and birth_of(int(entry.name)):
            yield int(entry.name)


def _working_directory(process: Path) -> str | None:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return None


@cache
def boot() -> str:
    """Which run of the machine this is; empty where the system does not tell."""
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text().strip() if file.exists() else ""


def _portable_birth(pid: int) -> str | None:
    import psutil  # noqa: PLC0415 - only where there is no /proc

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
