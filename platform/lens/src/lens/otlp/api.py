"""The OTLP/HTTP receiver: decode, queue, and acknowledge when the writer has committed."""

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
SMALL_BYTES = 128 * 1024  # a few milliseconds to decode; handing it to a thread would cost as much again
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


class Receiver:
    """Takes export requests; one object, since Litestar resolves two dependencies in a task each."""

    def __init__(self, settings: LensSettings, writer: Writer) -> None:
        self._limit = settings.max_request_bytes
        self._writer = writer

    async def receive(self, signal: Signal, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Store what a request brings, and answer it."""
        encoding: Encoding = "json"
        try:
            encoding = encoding_of(request.headers.get("content-type", ""))
            batch = await self._decode(signal, encoding, request)
            await self._store(batch)
        except OtlpError as error:
            metrics.REFUSED[error.reason].inc()
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if isinstance(error, BusyError) else {}
            return _respond(error.status, encoding, refused(encoding, error.rpc_code, str(error)), headers)
        if batch.rejected:
            metrics.REJECTED[signal].inc(batch.rejected)
        return _respond(200, encoding, accepted(signal, encoding, batch.rejected, batch.reason))

    async def _decode(self, signal: Signal, encoding: Encoding, request: Request[Any, Any, Any]) -> Batch:
        content_encoding, limit = request.headers.get("content-encoding", "").strip().lower(), self._limit
        try:
            body = await read_limited(request.stream(), limit)
        except ClientException as error:
            raise MalformedError(f"the request body ended early: {error.detail}") from error
        decoder = _DECODERS[signal, encoding]
        if len(body) <= SMALL_BYTES and not content_encoding:
            return decoder(body)
        return await asyncio.to_thread(lambda: decoder(inflate(body, content_encoding, limit)))

    async def _store(self, batch: Batch) -> None:
        """Wait for the commit; BusyError tells the sender to try again, which is safe: records replace themselves."""
        if not len(batch):
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await asyncio.wrap_future(self._writer.submit(batch))
        except (QueueFullError, TimeoutError) as error:
            raise BusyError(f"the store is behind: {error}") from error
        except sqlite3.Error as error:
            logger.error("records not stored: {}", error)
            raise BusyError(f"the store cannot write: {error}") from error


class OtlpController(Controller):
    """`/v1/traces` and `/v1/logs`."""

    path = INGEST_PATH
    opt = {"auth": "public"}  # noqa: RUF012 - Litestar reads it so
    tags = ["OTLP"]  # noqa: RUF012
    request_max_body_size = None

    @post("/traces", operation_id="otlp_traces", status_code=200)
    async def traces(self, request: Request[Any, Any, Any], receiver: Receiver) -> Response[bytes]:
        """Store an ExportTraceServiceRequest."""
        return await receiver.receive("traces", request)

    @post("/logs", operation_id="otlp_logs", status_code=200)
    async def logs(self, request: Request[Any, Any, Any], receiver: Receiver) -> Response[bytes]:
        """Store an ExportLogsServiceRequest."""
        return await receiver.receive("logs", request)

    @post("/metrics", operation_id="otlp_metrics", status_code=404)
    async def metrics(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Says where metrics go instead."""
        try:
            encoding = encoding_of(request.headers.get("content-type", ""))
        except OtlpError:
            encoding = "json"
        return _respond(404, encoding, refused(encoding, _UNIMPLEMENTED, NO_METRICS))


def _respond(status: int, encoding: Encoding, body: bytes, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(body, status_code=status, media_type=MEDIA_TYPES[encoding], headers=headers)
