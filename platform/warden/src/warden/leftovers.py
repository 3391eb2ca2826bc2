"""Ending what runs: in the order that lets each part finish its work, also when no warden knows of it any more."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from warden import postgres
from warden.environment import MARK
from warden.identity import ancestry, birth_of
from warden.layout import StateFolder
from warden.process import Process
from warden.record import PartRecord, read_parts

# The door first, then those who use the rest, then those who record, then the stores.
_STAGES: Mapping[str, int] = {"edge": 0, "prometheus": 2, "mail": 2, "lens": 3, "nats": 4, "postgres": 5}
_SERVICES = 1
_PATIENCE = 5.0  # seconds
_PATIENCE_WITH_STRAYS = 20.0  # a warden among them ends all that it started before it ends


def stage(part: str) -> int:
    """When a part is stopped: lower stages first."""
    return _STAGES.get(part, _SERVICES)


async def end_leftovers(state: StateFolder) -> int:
    """End every process of this system, whoever started it, and forget them; how many there were is returned."""
    ended = await end_strays(state, known=[record.pid for record in read_parts(state) if record.alive])
    ended += await end_records([record for record in read_parts(state) if record.alive])
    for file in (state.parts, state.endpoints, state.recovery, state.control, state.warden):
        file.unlink(missing_ok=True)
    return ended


async def end_records(records: Iterable[PartRecord]) -> int:
    """End these processes, in stages; how many there were is returned."""
    stages: dict[int, list[PartRecord]] = {}
    for record in records:
        stages.setdefault(stage(record.part), []).append(record)
    for _, together in sorted(stages.items()):
        await asyncio.gather(*map(_end, together))
    return sum(map(len, stages.values()))


async def end_strays(state: StateFolder, known: Iterable[int] = ()) -> int:
    """End processes of ours that no record names: those started in the instant before a warden was killed, and a
    warden whose own record was lost.

    Args:
        state: whose processes.
        known: processes that are not strays, nor is what they started.
    """
    strays = [Process(pid, birth) for pid in _find_strays(state, {os.getpid(), *known}) if (birth := birth_of(pid))]
    await asyncio.gather(*(process.stop(signal.SIGTERM, _PATIENCE_WITH_STRAYS) for process in strays))
    return len(strays)


async def _end(record: PartRecord) -> None:
    number = postgres.STOP_SIGNAL if record.part == "postgres" else signal.SIGTERM
    await Process(record.pid, record.birth).stop(number, _PATIENCE)


def _find_strays(state: StateFolder, known: set[int]) -> list[int]:
    if sys.platform != "linux":
        return []
    mark = f"{MARK}={state.path}".encode()
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if mark in _environment(pid) and known.isdisjoint(ancestry(pid))]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
