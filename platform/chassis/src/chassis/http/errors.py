"""Litestar's exceptions in our own terms, and the handler that answers all of them as problem documents."""

import re
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException

from chassis import problem
from chassis.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    PharosError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from chassis.http.refusal import document_of
from chassis.http.refusals import KINDS, tell_refused
from chassis.telemetry.asgi import note_exception

_MISSING = re.compile(r"missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_ABSENT = re.compile(r"^Missing required (?:\w+ parameter|\w+) '([^']+)'")


class MethodNotAllowed(PharosError):
    """The path exists and does not answer this method."""

    status = 405
    reason = "method-not-allowed"
    title = "Method not allowed"


class UnsupportedMediaType(PharosError):
    """The body is of a type this route does not read."""

    status = 415
    reason = "unsupported-media-type"
    title = "Unsupported media type"


class MalformedJson(BadRequest):
    """The body is not JSON."""

    reason = "malformed-json"
    title = "Malformed JSON"


_BY_STATUS: dict[int, type[PharosError]] = {
    error.status: error
    for error in (
        BadRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        Conflict,
        PayloadTooLarge,
        UnsupportedMediaType,
        Unprocessable,
        Unavailable,
    )
}


def translate(error: Exception) -> Exception:
    """A Litestar exception as ours; any other exception unchanged."""
    if isinstance(error, ValidationException):
        return Unprocessable("The request has invalid fields.", errors=_field_errors(error))
    if not isinstance(error, HTTPException) or error.status_code >= 500:
        return error
    # On its own a SerializationException is about our answer, which could not be encoded.
    if isinstance(error.__cause__, SerializationException):
        return MalformedJson("The request body is not valid JSON.")
    return _from_http(error)


def _from_http(error: HTTPException) -> PharosError:
    if error.status_code == TooManyRequests.status:
        return TooManyRequests(error.detail, retry_after=1)
    kind = _BY_STATUS.get(error.status_code, BadRequest)
    translated = kind("" if kind in {NotFound, MethodNotAllowed} else error.detail)
    translated.headers = {
        **translated.headers,
        **{_title(name): value for name, value in (error.headers or {}).items()},
    }
    return translated


def _title(header: str) -> str:
    return "-".join(part.capitalize() for part in header.split("-"))


def _field_errors(error: ValidationException) -> list[FieldError]:
    """Litestar's list of messages with the path of the field written out, also where only the message names it."""
    if absent := _ABSENT.match(error.detail):
        return [FieldError(field=absent[1], message="is required")]
    found = []
    for item in error.extra if isinstance(error.extra, list) else ():
        message = str(item.get("message", "is invalid"))
        path = str(item.get("key", ""))
        path = path.removeprefix("data") if path == "data" else path
        if inner := _MISSING.search(message):
            path, message = _child(path, inner[1]), "is required"
        elif inner := _UNKNOWN.search(message):
            path, message = _child(path, inner[1]), "is not a known field"
        found.append(FieldError(field=path, message=message))
    return found


def _child(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The exception handler of every application: any exception becomes a problem, and telemetry learns of it."""
    failure = problem.meaning(translate(error))
    # What the framework says of a refused request holds the query and values of it; what we say, names of fields alone.
    noted = failure if isinstance(error, HTTPException) and failure.status < 500 else error
    note_exception(request.scope, noted)  # type: ignore[arg-type] # Litestar's scope is a TypedDict
    if isinstance(failure, KINDS):
        tell_refused(failure)
    return Response(
        document_of(failure, request.url.path),
        status_code=failure.status,
        media_type=problem.MEDIA_TYPE,
        headers=dict(problem.headers(failure)),
    )
