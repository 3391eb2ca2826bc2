"""From a reply's bytes to a typed value or a typed error."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from chassis.client.errors import InvalidUpstreamReply, UpstreamProblem

T = TypeVar("T")

_LONGEST_WORD = 200
_documents = msgspec.json.Decoder(dict[str, Any])


def decode(service: str, operation: str, body: bytes, kind: type[T]) -> T:
    """The reply as the type its contract promises.

    Raises:
        InvalidUpstreamReply: it is none; the message names the place, never the content.
    """
    try:
        value: T = _decoder(cast("Hashable", kind)).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidUpstreamReply(service, operation, str(error)) from error
    return value


def problem(service: str, status: int, body: bytes | None) -> UpstreamProblem:
    """The callee's refusal, with as much of its problem document as it sent."""
    try:
        document = _documents.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = {}
    reason = _word(document.get("reason")) or f"http-{status}"
    return UpstreamProblem(service, status, reason, _word(document.get("detail")), document)


def _word(value: object) -> str:
    return value[:_LONGEST_WORD] if isinstance(value, str) else ""


@lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
