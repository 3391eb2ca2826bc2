"""Reads a request's body within a limit."""

from chassis.errors import BadRequest, PayloadTooLarge
from edge.asgi import Receive
from edge.headers import RawField, find


class ClientGoneError(Exception):
    """The caller hung up before its request was complete: there is nobody to answer."""


async def read_body(headers: list[RawField], receive: Receive, limit: int) -> bytes | None:
    """The whole body, or none when the request has none. It is kept so that it can be sent again.

    Raises:
        PayloadTooLarge: it is over ``limit`` bytes; a declared length is refused before anything is read.
        BadRequest: the declared length is not a number.
        ClientGoneError: the caller hung up.
    """
    declared = find(headers, b"content-length")
    if declared is None and find(headers, b"transfer-encoding") is None:
        return None
    if declared is not None and _length(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return bytes(body)


def _length(declared: bytes) -> int:
    if not declared.isdigit():
        raise BadRequest("Content-Length must be a number of bytes")
    return int(declared)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"the request body is over {limit} bytes", limit_bytes=limit)
