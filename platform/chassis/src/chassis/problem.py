"""The one map from a failure to the problem document (RFC 9457) that a caller sees."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chassis.errors import PharosError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:pharos:problem:"


class InternalError(PharosError):
    """Something nobody foresaw; the caller learns the trace and nothing else."""

    def __init__(self) -> None:
        super().__init__("The service failed to answer; the trace tells its operators why.")


def meaning(error: BaseException) -> PharosError:
    """What an exception means to the caller; one that is not ours is an internal error and says nothing of itself."""
    return error if isinstance(error, PharosError) else InternalError()


def document(error: PharosError, *, instance: str, correlation_id: str = "", trace_id: str = "") -> dict[str, Any]:
    """The members of the problem document; `instance` is the path of the request."""
    members: dict[str, Any] = {
        "type": TYPE_PREFIX + error.reason,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "reason": error.reason,
        "correlation_id": correlation_id,
        "trace_id": trace_id,
    }
    return {**error.extra, **members}


def headers(error: PharosError) -> Mapping[str, str]:
    """The response headers that belong to the problem."""
    return {"Cache-Control": "no-store", **error.headers}


def encode(members: Mapping[str, Any]) -> bytes:
    """The document as bytes; a member that JSON cannot carry is written as its text."""
    return msgspec.json.encode(members, enc_hook=str)
