"""The Loki reads over HTTP."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Controller, MediaType, Response, get
from litestar.params import Parameter

from lens.loki import query as range_query
from lens.loki.labels import RESOURCE_LABELS, label_name
from lens.loki.query import RangeError
from lens.loki.scanner import LogQueryError
from lens.store import logs
from lens.store.reader import QueryTimeoutError, Reader

SERVICE_LABEL = "service_name"


class LokiController(Controller):
    """Log lines, and the names to select them by."""

    path = "/loki/api/v1"
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["Loki"]  # noqa: RUF012

    @get("/query_range", operation_id="loki_query_range")
    async def query_range(
        self,
        *,
        reader: Reader,
        log_query: Annotated[str, Parameter(query="query")] = "",
        start: str = "",
        end: str = "",
        limit: str = "",
        direction: str = "",
    ) -> Response[Any]:
        """The lines that a log query selects, as streams."""
        try:
            wanted = range_query.parse_range(
                log_query, start=start, end=end, limit=limit, direction=direction, now_ns=time.time_ns()
            )
            body = await reader.run(lambda connection: msgspec.json.encode(range_query.answer(connection, wanted)))
        except (LogQueryError, RangeError) as error:
            return _text(400, str(error))
        except QueryTimeoutError as error:
            return _text(503, str(error))
        return Response(body, media_type=MediaType.JSON)

    @get("/labels", operation_id="loki_labels")
    async def labels(self) -> dict[str, Any]:
        """Names of the index labels."""
        return {"status": "success", "data": sorted(map(label_name, RESOURCE_LABELS))}

    @get("/label/{name:str}/values", operation_id="loki_label_values")
    async def label_values(self, reader: Reader, name: str) -> dict[str, Any]:
        """Values of `service_name`; of other labels lens keeps no list."""
        values = await reader.run(logs.log_services) if name == SERVICE_LABEL else []
        return {"status": "success", "data": values}


def _text(status: int, message: str) -> Response[Any]:
    return Response(message, status_code=status, media_type=MediaType.TEXT)
