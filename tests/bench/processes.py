"""What the processes of a running system take: memory and CPU, by part, each with all the processes below it."""

import os
from collections.abc import Callable
from pathlib import Path

from warden.identity import ancestry
from warden.layout import StateFolder
from warden.record import read_parts, read_warden

_USER, _SYSTEM = 11, 12  # indices in /proc/PID/stat after the command's closing parenthesis (proc(5))


def memory_mb(folder: StateFolder) -> dict[str, float]:
    """The proportional set size (PSS): a page that several processes share counts in equal parts."""
    return _sums(folder, _pss_mb)


def cpu_ms(folder: StateFolder) -> dict[str, float]:
    """CPU time since the start, user and system, without that of processes that have ended."""
    return _sums(folder, _cpu_ms)


def _sums(folder: StateFolder, measure: Callable[[Path], float]) -> dict[str, float]:
    owners = {record.pid: record.instance for record in read_parts(folder) if record.alive}
    warden = read_warden(folder)
    if warden is not None and warden.alive:
        owners[warden.pid] = "warden"
    sums = dict.fromkeys(owners.values(), 0.0)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            owner = next((owners[pid] for pid in ancestry(int(entry.name)) if pid in owners), None)
            if owner is not None:
                sums[owner] += _unless_ended(measure, entry)
    return sums


def _unless_ended(measure: Callable[[Path], float], process: Path) -> float:
    try:
        return measure(process)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _pss_mb(process: Path) -> float:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _cpu_ms(process: Path) -> float:
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) * 1000 / os.sysconf("SC_CLK_TCK")
