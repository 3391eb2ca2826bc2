"""The exceptions a service raises and what each of them means to a caller.

PharosError
├── BadRequest           400
├── Unauthenticated      401
├── Forbidden            403
├── NotFound             404
├── Conflict             409
├── PayloadTooLarge      413
├── Unprocessable        422
├── TooManyRequests      429
├── UpstreamFailed       502
├── Unavailable          503
└── DeadlineExceeded     504
ConfigurationError       start-up only; never crosses HTTP

A service subclasses the one that fits and gives it its own `reason`. The reason is stable: callers branch on it, not
on the wording of `detail`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict


class FieldError(TypedDict):
    """One rejected input: `field` is a path such as `lines[0].quantity`."""

    field: str
    message: str


class PharosError(Exception):
    """A failure with a meaning to the caller; uncaught, it is answered as problem details (RFC 9457).

    Args:
        detail: what happened in this case, for people; never a secret.
        **extra: further members of the problem document.
    """

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    final: ClassVar[bool] = True
    """Whether a refusal (4xx) is kept under the request's Idempotency-Key; false where a later try may succeed."""

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra: dict[str, Any] = extra
        self.headers: Mapping[str, str] = {}


class BadRequest(PharosError):
    """The request cannot be read."""

    status = 400
    reason = "bad-request"
    title = "Bad request"


class Unauthenticated(PharosError):
    """The caller did not prove who it is."""

    status = 401
    reason = "unauthenticated"
    title = "Authentication required"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(PharosError):
    """The caller is known and may not do this."""

    status = 403
    reason = "forbidden"
    title = "Not allowed"


class NotFound(PharosError):
    """The thing asked for does not exist, or not for this caller."""

    status = 404
    reason = "not-found"
    title = "Not found"


class Conflict(PharosError):
    """The request contradicts the present state."""

    status = 409
    reason = "conflict"
    title = "Conflict"


class PayloadTooLarge(PharosError):
    """The request body exceeds the limit."""

    status = 413
    reason = "payload-too-large"
    title = "Request body too large"


class Unprocessable(PharosError):
    """The request is well formed and its content is not acceptable."""

    status = 422
    reason = "invalid"
    title = "Invalid input"

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        if errors:
            extra["errors"] = list(errors)
        super().__init__(detail, **extra)


class TooManyRequests(PharosError):
    """The caller asks too often; `retry_after` is in seconds."""

    status = 429
    reason = "too-many-requests"
    title = "Too many requests"

    def __init__(self, detail: str = "", *, retry_after: float, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after
        self.headers = _retry_after(retry_after)


class UpstreamFailed(PharosError):
    """A service this one depends on answered with an error."""

    status = 502
    reason = "upstream-failed"
    title = "A dependency failed"


class Unavailable(PharosError):
    """This service, or something it needs, cannot answer now; `retry_after` is in seconds."""

    status = 503
    reason = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after: float | None = None, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after
        self.headers = {} if retry_after is None else _retry_after(retry_after)


class DeadlineExceeded(PharosError):
    """The caller's time ran out before there was an answer."""

    status = 504
    reason = "deadline-exceeded"
    title = "Deadline exceeded"


class ConfigurationError(Exception):
    """The process cannot start as configured; the message names the setting or key and the fix."""

    def __init__(self, subject: str, problem: str, fix: str) -> None:
        super().__init__(f"{subject}: {problem}; {fix}")
        self.subject = subject
        self.problem = problem
        self.fix = fix


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, -int(-seconds // 1)))}
