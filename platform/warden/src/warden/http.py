"""Reading the answers of HTTP/1.1 (RFC 9112). An HTTP library would be half of warden's memory."""

import re
from typing import NamedTuple

_FRAMING = re.compile(
    rb"\r\n(connection|content-length|transfer-encoding):[ \t]*([^\r]*?)[ \t]*(?=\r|\Z)", re.IGNORECASE
)
"""The fields that say where an answer ends, and whether another may follow it."""


class Answer(NamedTuple):
    """What came back; `keep` says whether the connection may be used again."""

    status: int
    body: bytes
    keep: bool


def answer_in(came: bytes, *, ended: bool) -> Answer | None:
    """The answer in what has come on a connection; None while more has to come.

    Args:
        came: all of it so far.
        ended: nothing more will come.

    Raises:
        ConnectionError: that is not HTTP, or it ended before the answer did.
    """
    head, blank, body = came.partition(b"\r\n\r\n")
    if not blank:
        if ended:
            raise ConnectionError("what answers does not speak HTTP" if came else "the connection was closed")
        return None
    status, fields = _status(head), _fields(head)
    keep = not ended and fields.get(b"connection", b"").lower() != b"close"
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        whole = _dechunked(body)
    elif b"content-length" in fields:
        length = _number(fields[b"content-length"], 10)
        whole = body[:length] if len(body) >= length else None
    else:
        whole = body if ended else None
    if whole is not None:
        return Answer(status, whole, keep)
    if ended:
        raise ConnectionError("the connection was closed in the midst of the answer")
    return None


def _status(head: bytes) -> int:
    words = head.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("what answers does not speak HTTP")
    return int(words[1])


def _fields(head: bytes) -> dict[bytes, bytes]:
    return {name.lower(): value for name, value in _FRAMING.findall(head)}


def _dechunked(body: bytes) -> bytes | None:
    """The chunks together; None while the last one is missing."""
    whole, rest = b"", body
    while True:
        size, end, rest = rest.partition(b"\r\n")
        if not end:
            return None
        length = _number(size.partition(b";")[0], 16)
        if length == 0:
            return whole
        if len(rest) < length + 2:
            return None
        whole, rest = whole + rest[:length], rest[length + 2 :]


def _number(written: bytes, base: int) -> int:
    try:
        return int(written, base)
    except ValueError:
        raise ConnectionError("what answers does not speak HTTP") from None
