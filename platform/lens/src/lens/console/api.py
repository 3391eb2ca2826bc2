"""What the page asks beside Jaeger's, Loki's and Prometheus' reads."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import Controller, Request, Response, get

from chassis.errors import NotFound, Unavailable, Unprocessable
from chassis.telemetry.names import CORRELATION_ID
from lens.console import documents
from lens.console.settings import ConsoleSettings
from lens.console.system import Survey, System
from lens.console.traces import parse_search
from lens.jaeger.query import QueryError, parse_trace_id
from lens.otlp import to_json
from lens.store import summaries, traces
from lens.store.reader import QueryTimeoutError, Reader

Result = TypeVar("Result")
_JSON: Final = "application/json"


class TraceNotFound(NotFound):
    """No span of this trace is stored."""

    reason = "trace-unknown"


class DashboardNotFound(NotFound):
    """No dashboard has this uid."""

    reason = "dashboard-unknown"


class RunbookNotFound(NotFound):
    """No runbook has this name."""

    reason = "runbook-unknown"


class QueryTooSlow(Unavailable):
    """The store did not answer in time."""

    reason = "query-too-slow"


class Found(msgspec.Struct, frozen=True):
    """The answer to a search for traces."""

    traces: list[summaries.Summary]


class ConsoleController(Controller):
    """`/api/console` and `/api/otlp`."""

    path = "/api"
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["Console"]  # noqa: RUF012

    @get("/console/system", operation_id="console_system")
    async def system(self, survey: Survey) -> System:
        """Every part of the system and how it is."""
        return await survey.system()

    @get("/console/traces", operation_id="console_traces")
    async def traces(self, request: Request[Any, Any, Any], reader: Reader) -> Found:
        """Summaries of the newest traces that match."""
        query = request.query_params
        search = parse_search({name: query.getall(name) for name in query})
        return await _read(
            reader, lambda connection: Found(summaries.find_summaries(connection, search, CORRELATION_ID))
        )

    @get("/otlp/traces/{trace_id:str}", operation_id="otlp_trace")
    async def otlp_trace(self, reader: Reader, trace_id: str) -> Response[bytes]:
        """One trace as OTLP JSON."""
        try:
            wanted = parse_trace_id(trace_id)
        except QueryError as error:
            raise Unprocessable(str(error)) from error

        def read(connection: sqlite3.Connection) -> bytes | None:
            found = traces.get_trace(connection, wanted)
            return msgspec.json.encode(to_json.document(found)) if found else None

        body = await _read(reader, read)
        if body is None:
            raise TraceNotFound(
                f"no span of trace {trace_id} is stored: it may not have arrived yet, or it is older than what is kept"
            )
        return Response(body, media_type=_JSON)

    @get("/console/dashboards", operation_id="console_dashboards")
    async def dashboards(self, console: ConsoleSettings) -> list[documents.DashboardSummary]:
        """All dashboards."""
        return await asyncio.to_thread(documents.dashboards, console.dashboards)

    @get("/console/dashboards/{uid:str}", operation_id="console_dashboard")
    async def dashboard(self, console: ConsoleSettings, uid: str) -> Response[bytes]:
        """A dashboard's file."""
        body = await asyncio.to_thread(documents.dashboard, console.dashboards, uid)
        if body is None:
            raise DashboardNotFound(f"no dashboard has the uid {uid[:64]!r}; /dashboards lists them")
        return Response(body, media_type=_JSON)

    @get("/console/runbooks", operation_id="console_runbooks")
    async def runbooks(self, console: ConsoleSettings) -> list[documents.RunbookSummary]:
        """All runbooks."""
        return await asyncio.to_thread(documents.runbooks, console.runbooks)

    @get("/console/runbooks/{name:str}", operation_id="console_runbook")
    async def runbook(self, console: ConsoleSettings, name: str) -> documents.Runbook:
        """A runbook."""
        found = await asyncio.to_thread(documents.runbook, console.runbooks, name)
        if found is None:
            raise RunbookNotFound(f"no runbook is named {name[:64]!r}; they are in observability/runbooks")
        return found


async def _read(reader: Reader, read: Callable[[sqlite3.Connection], Result]) -> Result:
    try:
        return await reader.run(read)
    except QueryTimeoutError as error:
        raise QueryTooSlow(str(error)) from error
