"""Ending a system, whether its warden lives or not."""

import asyncio
import signal

from warden.identity import gone, signal_process
from warden.layout import StateFolder
from warden.leftovers import end_leftovers
from warden.record import WardenRecord, read_warden

_PATIENCE = 30.0  # seconds for a warden to end everything, before it is done without it


def end(folder: StateFolder) -> bool:
    """Stop every process that runs for this folder; False if none did. The data stays."""
    return asyncio.run(_end(folder))


def end_all(folder: StateFolder) -> bool:
    """Stop what runs for this folder in either mode; False if nothing did.

    Raises:
        DockerError: there are containers, and the engine does not answer.
    """
    stopped = end(folder)
    if folder.docker.path.is_dir():
        from pharos.docker.ending import end_containers  # noqa: PLC0415 - embedded mode does without

        stopped = end_containers(folder) or stopped
    return stopped


async def _end(folder: StateFolder) -> bool:
    record = read_warden(folder)
    supervised = record is not None and record.alive
    if record is not None and supervised:
        await _end_warden(record)
    return bool(await end_leftovers(folder)) or supervised


async def _end_warden(record: WardenRecord) -> None:
    signal_process(record.pid, record.birth, signal.SIGTERM)
    try:
        async with asyncio.timeout(_PATIENCE):
            await gone(record.pid, record.birth)
    except TimeoutError:
        signal_process(record.pid, record.birth, signal.SIGKILL)
        await gone(record.pid, record.birth)
