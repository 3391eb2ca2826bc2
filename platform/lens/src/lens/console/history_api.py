"""What was healed and what was broken on purpose: the supervisor's journal and the verdicts on chaos experiments."""

import asyncio
import time
from typing import Annotated, Final

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from chassis.errors import NotFound, Unavailable, Unprocessable
from lens.console import recoveries, verdicts
from lens.console.journal import Journal, read_journal
from lens.console.paging import CursorError
from lens.console.settings import ConsoleSettings

SUMMED_HOURS: Final = 24
_HOUR_MS: Final = 3_600_000

Limit = Annotated[int, Parameter(ge=1, le=200)]
Moment = Annotated[float | None, Parameter(ge=0, le=1e15)]


class EntryNotFound(NotFound):
    """No entry of the journal has this id."""

    reason = "recovery-unknown"


class VerdictNotFound(NotFound):
    """No verdict has this id."""

    reason = "verdict-unknown"


class HistoryUnreadable(Unavailable):
    """The journal or a verdict is there and cannot be read."""

    reason = "history-unreadable"


class Summaries(msgspec.Struct, frozen=True):
    """Parts with a fault in the last `hours`."""

    hours: int
    services: list[recoveries.Summary]


class HistoryController(Controller):
    """`/api/console/recoveries` and `/api/console/verdicts`."""

    path = "/api/console"
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["Console"]  # noqa: RUF012

    @get("/recoveries", operation_id="console_recoveries")
    async def list_recoveries(
        self,
        *,
        console: ConsoleSettings,
        service: str = "",
        fault: str = "",
        text: str = "",
        start_ms: Moment = None,
        end_ms: Moment = None,
        ordinary: bool = False,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> recoveries.Page:
        """What the supervisor saw and decided, newest first."""
        search = recoveries.Search(
            service=service, fault=fault, text=text.strip(), ordinary=ordinary, **_between(start_ms, end_ms)
        )
        journal = await _journal(console)
        try:
            return recoveries.page_of(journal, search, limit, cursor)
        except CursorError as error:
            raise Unprocessable(str(error)) from error

    @get("/recoveries/{entry_id:str}", operation_id="console_recovery")
    async def recovery(self, console: ConsoleSettings, entry_id: str) -> recoveries.Recovery:
        """One entry with its details and the recovery that it belongs to."""
        found = recoveries.recovery_of(await _journal(console), entry_id)
        if found is None:
            raise EntryNotFound(f"no entry has the id {entry_id[:64]!r}: the oldest go first; /recoveries lists them")
        return found

    @get("/recoveries-by-service", operation_id="console_recoveries_by_service")
    async def by_service(self, console: ConsoleSettings) -> Summaries:
        """How often each part was healed in the last day."""
        since_ms = time.time() * 1000 - SUMMED_HOURS * _HOUR_MS
        return Summaries(SUMMED_HOURS, recoveries.summaries_of(await _journal(console), since_ms))

    @get("/verdicts", operation_id="console_verdicts")
    async def list_verdicts(
        self,
        *,
        console: ConsoleSettings,
        experiment: str = "",
        target: str = "",
        failed: bool = False,
        start_ms: Moment = None,
        end_ms: Moment = None,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> verdicts.Page:
        """Verdicts on chaos experiments, newest first."""
        search = verdicts.Search(experiment=experiment, target=target, failed=failed, **_between(start_ms, end_ms))
        known = await _verdicts(console)
        try:
            return verdicts.page_of(known, search, limit, cursor)
        except CursorError as error:
            raise Unprocessable(str(error)) from error

    @get("/verdicts/{verdict_id:str}", operation_id="console_verdict")
    async def verdict(self, console: ConsoleSettings, verdict_id: str) -> verdicts.Verdict:
        """One verdict."""
        known = await _verdicts(console)
        for one in known.verdicts:
            if one.id == verdict_id:
                return one
        raise VerdictNotFound(f"no verdict has the id {verdict_id[:64]!r}; /chaos lists them")


def _between(start_ms: float | None, end_ms: float | None) -> dict[str, float]:
    return {name: value for name, value in (("start_ms", start_ms), ("end_ms", end_ms)) if value is not None}


async def _journal(console: ConsoleSettings) -> Journal:
    try:
        return await asyncio.to_thread(read_journal, console.journal)
    except OSError as error:
        raise HistoryUnreadable(f"the journal cannot be read: {error}") from error


async def _verdicts(console: ConsoleSettings) -> verdicts.Verdicts:
    try:
        return await asyncio.to_thread(verdicts.read_verdicts, console.verdicts)
    except OSError as error:
        raise HistoryUnreadable(f"the verdicts cannot be read: {error}") from error
