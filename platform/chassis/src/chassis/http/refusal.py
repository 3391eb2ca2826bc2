"""A refusal from a layer around the application, as the problem document that the application would have sent."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from chassis import problem
from chassis.correlation import correlation_id
from chassis.errors import PharosError
from chassis.telemetry import Span, current_span

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def document_of(error: PharosError, path: str) -> bytes:
    """The problem document, naming the trace of the running request."""
    span = current_span()
    trace_id = span.trace_id if isinstance(span, Span) else ""
    members = problem.document(error, instance=path, correlation_id=correlation_id(), trace_id=trace_id)
    return problem.encode(members)


async def refuse(path: str, send: Send, error: PharosError) -> None:
    """Answer a request to `path` with the problem."""
    body = document_of(error, path)
    headers = [
        (b"content-type", problem.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers(error).items()),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
