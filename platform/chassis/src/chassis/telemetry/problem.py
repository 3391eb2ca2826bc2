"""The answer to a request whose application failed without giving one (RFC 9457)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec


async def internal_error(
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]], correlation_id: str, trace_id: str, path: str
) -> None:
    """Answer 500 without telling what went wrong inside."""
    body = msgspec.json.encode(
        {
            "type": "urn:pharos:problem:internal-error",
            "title": "Internal error",
            "status": 500,
            "detail": "The service failed unexpectedly. Quote the correlation ID when you report it.",
            "instance": path,
            "reason": "internal-error",
            "correlation_id": correlation_id,
            "trace_id": trace_id,
        }
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
