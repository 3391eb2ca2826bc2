"""The OTLP/HTTP receiver: decode in a thread, queue, and acknowledge when the writer has committed."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from litestar import Controller, Request, Response, post
from litestar.exceptions import ClientException
from loguru import logger

from lens import metrics
from lens.otlp import from_json, from_protobuf
from lens.otlp.answers import MEDIA_TYPES, Encoding, Signal, accepted, encoding_of, refused
from lens.otlp.body import inflate, read_limited
from lens.otlp.errors import BusyError, MalformedError, OtlpError
from lens.records import Batch
from lens.settings import LensSettings
from lens.store.writer import QueueFullError, Writer

INGEST_PATH = "/v1/"
COMMIT_SECONDS = 4.0  # less than an exporter waits, so that it learns why
RETRY_AFTER_SECONDS = 1
NO_METRICS = (
    "lens stores no metrics: each service is scraped at /metrics by Prometheus; disable the OTLP metrics exporter"
)
_UNIMPLEMENTED = 12
_DECODERS: dict[tuple[Signal, Encoding], Callable[[bytes], Batch]] = {
    ("traces", "json"): from_json.traces,
    ("traces", "protobuf"): from_protobuf.traces,
    ("logs", "json"): from_json.logs,
    ("logs", "protobuf"): from_protobuf.logs,
}


class OtlpController(Controller):
    """`/v1/traces` and `/v1/logs`."""

    path = INGEST_PATH
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["OTLP"]  # noqa: RUF012
    request_max_body_size = None

    @post("/traces", operation_id="otlp_traces", status_code=200)
    async def traces(self, request: Request[Any, Any, Any], settings: LensSettings, writer: Writer) -> Response[bytes]:
        """Store an ExportTraceServiceRequest."""
        return await _receive("traces", request, settings, writer)

    @post("/logs", operation_id="otlp_logs", status_code=200)
    async def logs(self, request: Request[Any, Any, Any], settings: LensSettings, writer: Writer) -> Response[bytes]:
        """Store an ExportLogsServiceRequest."""
        return await _receive("logs", request, settings, writer)

    @post("/metrics", operation_id="otlp_metrics", status_code=404)
    async def metrics(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Says where metrics go instead."""
        try:
            encoding = encoding_of(request.headers.get("content-type", ""))
        except OtlpError:
            encoding = "json"
        return _respond(404, encoding, refused(encoding, _UNIMPLEMENTED, NO_METRICS))


async def _receive(
    signal: Signal, request: Request[Any, Any, Any], settings: LensSettings, writer: Writer
) -> Response[bytes]:
    encoding: Encoding = "json"
    try:
        encoding = encoding_of(request.headers.get("content-type", ""))
        batch = await _decode(signal, encoding, request, settings.max_request_bytes)
        await _store(batch, writer)
    except OtlpError as error:
        metrics.REFUSED[error.reason].inc()
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if isinstance(error, BusyError) else {}
        return _respond(error.status, encoding, refused(encoding, error.rpc_code, str(error)), headers)
    if batch.rejected:
        metrics.REJECTED[signal].inc(batch.rejected)
    return _respond(200, encoding, accepted(signal, encoding, batch.rejected, batch.reason))


async def _decode(signal: Signal, encoding: Encoding, request: Request[Any, Any, Any], limit: int) -> Batch:
    content_encoding = request.headers.get("content-encoding", "").strip().lower()
    try:
        body = await read_limited(request.stream(), limit)
    except ClientException as error:
        raise MalformedError(f"the request body ended early: {error.detail}") from error
    decoder = _DECODERS[signal, encoding]
    return await asyncio.to_thread(lambda: decoder(inflate(body, content_encoding, limit)))


async def _store(batch: Batch, writer: Writer) -> None:
    """Wait for the commit; BusyError tells the sender to try again, which is safe: records replace themselves."""
    if not len(batch):
        return
    try:
        async with asyncio.timeout(COMMIT_SECONDS):
            await asyncio.wrap_future(writer.submit(batch))
    except (QueueFullError, TimeoutError) as error:
        raise BusyError(f"the store is behind: {error}") from error
    except sqlite3.Error as error:
        logger.error("records not stored: {}", error)
        raise BusyError(f"the store cannot write: {error}") from error


def _respond(status: int, encoding: Encoding, body: bytes, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(body, status_code=status, media_type=MEDIA_TYPES[encoding], headers=headers)
