"""The processes that the supervisor says are running."""

import os
from pathlib import Path

import msgspec

_START_TIME = 19  # index of the start, in clock ticks after boot, behind the command's parenthesis (proc(5))


class Process(msgspec.Struct, frozen=True):
    """One replica as the supervisor wrote it down; `pid` is 0 while none runs."""

    part: str
    instance: str
    pid: int
    port: int
    version: str = ""
    restarts: int = 0


_decode = msgspec.json.Decoder(list[Process]).decode


def read_processes(record: Path | None) -> list[Process]:
    """What is written down; nothing when there is no record, or one that cannot be understood."""
    try:
        return _decode(record.read_bytes()) if record else []
    except (OSError, msgspec.DecodeError):
        return []


def started(pid: int) -> float | None:
    """Unix time at which a process began, where the system says it."""
    try:
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_START_TIME])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return None
