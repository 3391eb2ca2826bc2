"""Starting, watching and ending one process with all that it starts."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warden.identity import birth_of, gone, signal_group
from warden.logs import open_log
from warden.part import Part


@dataclass(frozen=True, slots=True)
class Process:
    """A running process that leads its own group, started by us or by a warden before us."""

    pid: int
    birth: str
    child: "subprocess.Popen[bytes] | None" = None  # None: adopted, so its exit code cannot be known

    async def ended(self) -> int | None:
        """Wait for the end; then end what is left of its group, and return the exit code if it was our child."""
        await gone(self.pid, self.birth)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # before it is reaped its pid cannot be another's
        return self.child.wait() if self.child else None

    async def stop(self, number: signal.Signals, seconds: float) -> bool:
        """Ask the whole group to end, and kill it if it does not in time. True if it ended by itself."""
        signal_group(self.pid, self.birth, number)
        try:
            async with asyncio.timeout(seconds):
                await self.ended()
        except TimeoutError:
            signal_group(self.pid, self.birth, signal.SIGKILL)
            await self.ended()
            return False
        return True

    async def kill(self) -> None:
        """End the whole group without asking."""
        signal_group(self.pid, self.birth, signal.SIGKILL)
        await self.ended()


def spawn(part: Part, log: Path) -> Process:
    """Start a part in a session of its own, its output appended to its log file.

    Raises:
        OSError: the program is not there, or the log cannot be written.
    """
    output = open_log(log)
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is ours
            part.command,
            cwd=part.folder,
            env=dict(part.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        os.close(output)
    return Process(child.pid, birth_of(child.pid) or "ended", child)
