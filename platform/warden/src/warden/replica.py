"""One replica: the process that runs a part at the moment, started, adopted or ended."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warden.errors import PartFailed
from warden.journal import Fault, Journal
from warden.logs import tail
from warden.part import Part
from warden.process import Process, spawn
from warden.record import PartRecord

UNSEEN_SECONDS = 0.25
"""From a change of the endpoints until nothing goes to who has left them: callers look with every request, and what
they have chosen before is connected to within the client's 250 ms, or not at all."""
_POLL_SECONDS = 0.05


@dataclass(slots=True)
class Replica:
    """A part and its process.

    ``changed`` is called whenever what others may know of it has changed: its process, or whether it is ready.
    """

    part: Part
    log: Path
    journal: Journal
    changed: Callable[[], None]
    process: Process | None = None
    ready_since: float | None = None  # monotonic seconds; requests are sent there while it is set
    restarts: int = 0  # ever, for people
    weight: float = 1.0  # share of the requests, relative to its siblings; 0 hides it from callers
    route: str = ""  # another address that callers are given, whose connections are passed on to this one
    runs: asyncio.Event = field(default_factory=asyncio.Event)  # set while there is a process

    def adopt(self, record: PartRecord) -> None:
        """Go on with a process that an earlier warden started."""
        self.process = Process(record.pid, record.birth)
        self.restarts = record.restarts
        self.weight = record.weight
        self.runs.set()
        self._note("adopted", "it ran on without a warden", pid=record.pid)

    async def launch(self, reason: str, fault: Fault = "") -> None:
        """Start the process; ``fault`` is what this start is to heal.

        Raises:
            OSError: it could not be started.
            PartFailed: what it needs before could not be made.
        """
        await self.part.prepare()
        self.process = spawn(self.part, self.log)
        self.runs.set()
        pid, port = self.process.pid, self.part.port
        self._note("started", reason, fault, pid=pid, port=port)
        self.changed()

    async def until_ready(self) -> None:
        """Wait for the first readiness.

        Raises:
            PartFailed: the process ended, or was not ready in its time; the error holds the end of its log.
        """
        assert self.process is not None
        ended = asyncio.ensure_future(self.process.ended())
        try:
            async with asyncio.timeout(self.part.ready_seconds):
                lacking = await self._poll_ready(ended)
        except TimeoutError:
            lacking = f"is not ready after {self.part.ready_seconds:.0f} s: {await self.part.probe()}"
        finally:
            ended.cancel()
        if lacking is not None:
            raise PartFailed(f"{self.part.instance} {lacking}", f"see {self.log}", log=tail(self.log))
        self.show(True)

    async def ended(self) -> int | None:
        """Wait until there is a process and it has ended; its exit code, None if it was not our child."""
        await self.runs.wait()
        assert self.process is not None
        code = await self.process.ended()
        self._forget()
        return code

    def show(self, serving: bool) -> None:
        """Have requests sent there, or not."""
        if serving != (self.ready_since is not None):
            self.ready_since = time.monotonic() if serving else None
            self.changed()

    async def stop(self) -> None:
        """End the process and all it started, for good."""
        if self.process is None:
            return
        willing = await self.process.stop(self.part.stop_signal, self.part.stop_seconds)
        self._note("stopped", "asked to" if willing else "killed: it did not end in time")
        self._forget()

    @property
    def record(self) -> PartRecord:
        """What a later warden needs to adopt the process; pid 0 while there is none."""
        part, process = self.part, self.process
        return PartRecord(
            part=part.name,
            instance=part.instance,
            pid=process.pid if process else 0,
            birth=process.birth if process else "",
            port=part.port,
            version=part.version,
            release=part.release,
            weight=self.weight,
            restarts=self.restarts,
        )

    def _note(self, event: str, reason: str, fault: Fault = "", **details: Any) -> None:
        self.journal.write(event, self.part.instance, reason, fault, self.part.name, **details)

    def _forget(self) -> None:
        self.process, self.ready_since = None, None
        self.runs.clear()
        self.changed()

    async def _poll_ready(self, ended: "asyncio.Future[int | None]") -> str | None:
        while await self.part.probe() is not None:
            await asyncio.wait([ended], timeout=_POLL_SECONDS)
            if ended.done():
                code = ended.result()
                return f"ended before it was ready{f' (exit code {code})' if code is not None else ''}"
        return None
