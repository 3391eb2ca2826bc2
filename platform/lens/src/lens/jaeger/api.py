"""The Jaeger reads over HTTP."""

import sqlite3
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import Parameter

from lens.jaeger import shape
from lens.jaeger.query import QueryError, parse_search, parse_trace_id
from lens.store import traces
from lens.store.reader import QueryTimeoutError, Reader


class JaegerController(Controller):
    """Services, operations, search, one trace."""

    path = "/api"
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["Jaeger"]  # noqa: RUF012

    @get("/services", operation_id="jaeger_services")
    async def services(self, reader: Reader) -> Response[bytes]:
        """Names of the services that sent spans."""
        return await _answer(reader, lambda connection: _listed(traces.services(connection)))

    @get("/services/{service:str}/operations", operation_id="jaeger_service_operations")
    async def service_operations(self, reader: Reader, service: str) -> Response[bytes]:
        """Span names of a service."""

        def read(connection: sqlite3.Connection) -> dict[str, Any]:
            names = dict.fromkeys(name for name, _ in traces.operations(connection, service))
            return _listed(list(names))

        return await _answer(reader, read)

    @get("/operations", operation_id="jaeger_operations")
    async def operations(
        self,
        reader: Reader,
        service: str = "",
        span_kind: Annotated[str, Parameter(query="spanKind")] = "",
    ) -> Response[bytes]:
        """Span names of a service with their kinds."""
        if not service:
            return _respond(400, shape.failure(400, "parameter 'service' is required"))

        def read(connection: sqlite3.Connection) -> dict[str, Any]:
            known = [(name, traces.KIND_NAMES[kind]) for name, kind in traces.operations(connection, service)]
            return _listed([{"name": n, "spanKind": k} for n, k in known if span_kind in {"", k}])

        return await _answer(reader, read)

    @get("/traces", operation_id="jaeger_search")
    async def search(self, request: Request[Any, Any, Any], reader: Reader) -> Response[bytes]:
        """The newest traces that match, or those named by `traceID` parameters."""
        try:
            if ids := request.query_params.getall("traceID", []):
                wanted = [parse_trace_id(text) for text in ids]
                return await _answer(reader, lambda connection: _by_ids(connection, wanted))
            search = parse_search(lambda name: request.query_params.getall(name, []))
        except QueryError as error:
            return _respond(400, shape.failure(400, str(error)))
        return await _answer(
            reader,
            lambda connection: shape.structured(
                [shape.trace(found) for found in traces.find_traces(connection, search)]
            ),
        )

    @get("/traces/{trace_id:str}", operation_id="jaeger_trace")
    async def trace(self, reader: Reader, trace_id: str) -> Response[bytes]:
        """One trace."""
        try:
            wanted = parse_trace_id(trace_id)
        except QueryError as error:
            return _respond(400, shape.failure(400, str(error)))

        def read(connection: sqlite3.Connection) -> dict[str, Any]:
            found = traces.get_trace(connection, wanted)
            return shape.structured([shape.trace(found)]) if found else shape.failure(404, "trace not found")

        return await _answer(reader, read)


def _by_ids(connection: sqlite3.Connection, wanted: list[bytes]) -> dict[str, Any]:
    found = {trace_id: traces.get_trace(connection, trace_id) for trace_id in wanted}
    missing = [{"msg": "trace not found", "traceID": trace_id.hex()} for trace_id, of in found.items() if of is None]
    return shape.structured([shape.trace(of) for of in found.values() if of], errors=missing or None)


def _listed(data: list[Any]) -> dict[str, Any]:
    return shape.structured(data, total=len(data))


async def _answer(reader: Reader, read: Callable[[sqlite3.Connection], dict[str, Any]]) -> Response[bytes]:
    """Read, shape and encode in the reader's thread; the status is that of the first error with a code."""

    def work(connection: sqlite3.Connection) -> tuple[int, bytes]:
        document = read(connection)
        status = next((error["code"] for error in document["errors"] or () if "code" in error), 200)
        return status, msgspec.json.encode(document)

    try:
        return _encoded(*await reader.run(work))
    except QueryTimeoutError as error:
        return _respond(503, shape.failure(503, str(error)))


def _respond(status: int, document: dict[str, Any]) -> Response[bytes]:
    return _encoded(status, msgspec.json.encode(document))


def _encoded(status: int, body: bytes) -> Response[bytes]:
    return Response(body, status_code=status, media_type="application/json")
