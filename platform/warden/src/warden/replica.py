"""One replica over its life: started or adopted, awaited, and started again when it ends."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from warden.decide import Exit, History, decide
from warden.errors import PartFailed
from warden.journal import Journal
from warden.logs import tail
from warden.part import Part
from warden.process import Process, spawn
from warden.record import PartRecord

_POLL_SECONDS = 0.05


@dataclass(slots=True)
class Replica:
    """A part and the process that runs it at the moment.

    ``changed`` is called whenever what others may know of it has changed: its process, or whether it is ready.
    """

    part: Part
    log: Path
    journal: Journal
    changed: Callable[[], None]
    process: Process | None = None
    ready_since: float | None = None  # monotonic seconds
    history: History = field(default_factory=History)
    weight: float = 1.0  # share of the requests, relative to its siblings; 0 hides it from callers

    def adopt(self, record: PartRecord) -> None:
        """Go on with a process that an earlier warden started."""
        self.process = Process(record.pid, record.birth)
        self.history = History(restarts=record.restarts)
        self.weight = record.weight
        self.journal.write("adopted", self.part.instance, "it ran on without a warden", pid=record.pid)

    async def launch(self, reason: str) -> None:
        """Start the process.

        Raises:
            OSError: it could not be started.
        """
        await self.part.prepare()
        self.process = spawn(self.part, self.log)
        self.journal.write("started", self.part.instance, reason, pid=self.process.pid, port=self.part.port)
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
        self.ready_since = time.monotonic()
        self.changed()

    async def keep(self) -> None:
        """Start the process anew whenever it ends, until cancelled."""
        while True:
            code = await self._observe_end()
            healthy_for = time.monotonic() - self.ready_since if self.ready_since else 0.0
            self.process, self.ready_since = None, None
            self.changed()
            self.history, restart = decide(self.history, Exit(code, healthy_for), random.random())  # noqa: S311
            self.journal.write("exited", self.part.instance, restart.reason, code=code, restart_after=restart.after)
            await asyncio.sleep(restart.after)
            try:
                await self.launch(restart.reason)
            except (OSError, PartFailed) as error:
                self.journal.write("failed", self.part.instance, f"could not be started: {error}")

    async def stop(self) -> None:
        """End the process and all it started."""
        if self.process is None:
            return
        willing = await self.process.stop(self.part.stop_signal, self.part.stop_seconds)
        self.journal.write("stopped", self.part.instance, "asked to" if willing else "killed: it did not end in time")
        self.process, self.ready_since = None, None
        self.changed()

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
            restarts=self.history.restarts,
        )

    async def _poll_ready(self, ended: "asyncio.Future[int | None]") -> str | None:
        while await self.part.probe() is not None:
            await asyncio.wait([ended], timeout=_POLL_SECONDS)
            if ended.done():
                code = ended.result()
                return f"ended before it was ready{f' (exit code {code})' if code is not None else ''}"
        return None

    async def _observe_end(self) -> int | None:
        """Wait for the end, becoming ready on the way."""
        if self.process is None:
            return None
        becoming = asyncio.create_task(self._become_ready()) if self.ready_since is None else None
        try:
            return await self.process.ended()
        finally:
            if becoming is not None:
                becoming.cancel()

    async def _become_ready(self) -> None:
        while await self.part.probe() is not None:  # noqa: ASYNC110 - readiness can only be asked for
            await asyncio.sleep(_POLL_SECONDS)
        self.ready_since = time.monotonic()
        self.changed()
