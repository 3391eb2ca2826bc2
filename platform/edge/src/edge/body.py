"""Reads a request's body within a limit."""

import asyncio

from chassis.errors import BadRequest, PayloadTooLarge, PharosError
from edge.asgi import Receive
from edge.headers import RawField, find

DISCARD_BYTES = 16 * 1024 * 1024
DISCARD_S = 1.0


class BodyTooSlow(PharosError):
    """The request's body did not arrive in the time the whole request has."""

    status = 408
    reason = "request-timeout"
    title = "Request body too slow"


class ClientGoneError(Exception):
    """The caller hung up before its request was complete: there is nobody to answer."""


async def read_body(headers: list[RawField], receive: Receive, limit: int, seconds: float) -> bytes | None:
    """The whole body, or none when the request has none. It is kept so that it can be sent again.

    Raises:
        PayloadTooLarge: it is over ``limit`` bytes.
        BodyTooSlow: it did not arrive within ``seconds``.
        BadRequest: the declared length is not a number.
        ClientGoneError: the caller hung up.
    """
    declared = find(headers, b"content-length")
    if declared is None and find(headers, b"transfer-encoding") is None:
        return None
    if declared is not None and _length(declared) > limit:
        await _discard(receive)
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError:
        raise BodyTooSlow(f"the request body did not arrive within {seconds:g} s") from None


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
