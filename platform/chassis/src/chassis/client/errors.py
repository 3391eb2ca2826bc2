"""How a call to another service fails, as the service that made it answers its own caller."""

from typing import Any

from chassis.errors import Unavailable, UpstreamFailed

UNREADABLE = "invalid-reply"


class UpstreamProblem(UpstreamFailed):
    """The other service refused or failed; its own words are in the attributes.

    A service that can do something about a refusal branches on ``upstream_reason``. Uncaught, it becomes a 502
    (the caller of this service asked nothing wrong of it), or 503 where the other one said so.
    """

    reason = "upstream-problem"

    def __init__(self, service: str, status: int, reason: str, detail: str, document: dict[str, Any]) -> None:
        super().__init__(f"{service} answered {status} ({reason})", upstream=service)
        self.service = service
        self.upstream_status = status
        self.upstream_reason = reason
        self.upstream_detail = detail
        self.document = document
        """The whole problem document; empty when the reply was none."""


class InvalidUpstreamReply(UpstreamFailed):
    """The other service's reply is not what its contract says."""

    reason = "upstream-reply-invalid"

    def __init__(self, service: str, operation: str, problem: str) -> None:
        super().__init__(f"{service} {operation}: {problem}", upstream=service)
        self.service = service


class NoInstance(Unavailable):
    """Discovery knows no replica of the service."""

    reason = "no-instance"

    def __init__(self, service: str) -> None:
        super().__init__(f"no instance of {service} is known", retry_after=1.0, upstream=service)
        self.service = service


class Unreachable(Unavailable):
    """No replica could be connected to, or the connection broke before the reply."""

    reason = "upstream-unreachable"

    def __init__(self, service: str, attempts: int) -> None:
        super().__init__(f"{service} could not be reached in {attempts} attempts", retry_after=1.0, upstream=service)
        self.service = service
