"""Reads a request's body within a limit."""

import asyncio

from chassis.errors import BadRequest, PayloadTooLarge
from edge.asgi import Receive
from edge.headers import RawField, find

DISCARD_BYTES = 16 * 1024 * 1024
DISCARD_S = 1.0


class ClientGoneError(Exception):
    """The caller hung up before its request was complete: there is nobody to answer."""


async def read_body(headers: list[RawField], receive: Receive, limit: int) -> bytes | None:
    """The whole body, or none when the request has none. It is kept so that it can be sent again.

    How long it may take, `receive` decides.

    Raises:
        PayloadTooLarge: it is over ``limit`` bytes.
        BadRequest: the declared length is not a number.
        ClientGoneError: the caller hung up.
    """
    declared = find(headers, b"content-length")
    if declared is None and find(headers, b"transfer-encoding") is None:
        return None
    if declared is not None and _length(declared) > limit:
        await _discard(receive)
        raise _too_large(limit)
    return await _read(receive, limit)


async def _read(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        chunk, more = await _chunk(receive)
        body += chunk
        if len(body) > limit:
            if more:
                await _discard(receive)
            raise _too_large(limit)
    return bytes(body)


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message.get("body", b""), message.get("more_body", False)


async def _discard(receive: Receive) -> None:
    """Read on for a moment: a connection closed upon a caller that still sends takes our answer with it."""
    more, left = True, DISCARD_BYTES
    try:
        async with asyncio.timeout(DISCARD_S):
            while more and left > 0:
                chunk, more = await _chunk(receive)
                left -= len(chunk)
    except TimeoutError:
        return


def _length(declared: bytes) -> int:
    if not declared.isdigit():
        raise BadRequest("Content-Length must be a number of bytes")
    return int(declared)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the request body is over {limit} bytes", limit_bytes=limit)
