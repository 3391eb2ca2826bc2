"""How a call to another service fails, as the service that made it answers its own caller."""

from typing import Any

from chassis.errors import DeadlineExceeded, PharosError, Unavailable, UpstreamFailed
from chassis.resilience.retry import Outcome

RETRIED_HEADER = "X-Upstream-Retried"
"""On an answer that failed because of a service further on, which was already tried again as often as is good.

Retries happen at one layer only, the one next to the failure: three attempts at each of three layers would be 27.
"""

SHORTEST_PAUSE_S = 1.0
"""Where it is not known when to come back: others are trying already, and will know in a moment."""


class UpstreamProblem(UpstreamFailed):
    """The other service refused or failed; its own words are in the attributes.

    A service that can do something about a refusal branches on ``upstream_reason``. Uncaught, it is a 502: the
    caller of this service did not ask for what was refused.
    """

    reason = "upstream-problem"

    def __init__(self, service: str, status: int, reason: str, detail: str, document: dict[str, Any]) -> None:
        super().__init__(f"{service} answered {status} ({reason})", upstream=service)
        self.service = service
        self.upstream_status = status
        self.upstream_reason = reason
        self.upstream_detail = detail
        self.headers = {RETRIED_HEADER: "true"}
        self.document = document
        """The whole problem document; empty when the reply was none."""


class InvalidUpstreamReply(UpstreamFailed):
    """The other service's reply is not what its contract says."""

    reason = "upstream-reply-invalid"

    def __init__(self, service: str, operation: str, problem: str) -> None:
        super().__init__(f"{service} {operation}: {problem}", upstream=service)
        self.headers = {RETRIED_HEADER: "true"}
        self.service = service


class NoInstance(Unavailable):
    """Discovery knows no replica of the service."""

    reason = "no-instance"

    def __init__(self, service: str) -> None:
        super().__init__(f"no instance of {service} is known", retry_after=1.0, upstream=service)
        self.headers = {**self.headers, RETRIED_HEADER: "true"}
        self.service = service


class Unreachable(Unavailable):
    """No replica could be connected to."""

    reason = "upstream-unreachable"

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} could not be reached", retry_after=1.0, upstream=service)
        self.headers = {**self.headers, RETRIED_HEADER: "true"}
        self.service = service


class NotSent(Unavailable):
    """This process refused to send the call, for the sake of the dependency or of its own other work.

    ``retry_after`` is when it may be worth another try.
    """

    def __init__(self, service: str, detail: str, retry_after: float) -> None:
        super().__init__(detail, retry_after=max(SHORTEST_PAUSE_S, retry_after), upstream=service)
        self.headers = {**self.headers, RETRIED_HEADER: "true"}
        self.service = service


class CircuitOpen(NotSent):
    """Every replica failed so much lately that it gets no calls for a while.

    ``retry_after`` is the time until a replica is tried again.
    """

    reason = "circuit-open"

    def __init__(self, service: str, closed_for: float) -> None:
        super().__init__(service, f"{service} failed too often and is left alone for a while", closed_for)
        self.closed_for = closed_for
        """Seconds until a replica is tried again; zero where replicas are being tried."""


class BulkheadFull(NotSent):
    """As many calls to the service are under way as it may have at once."""

    reason = "bulkhead-full"

    def __init__(self, service: str, in_flight: int) -> None:
        super().__init__(service, f"{in_flight} calls to {service} are under way, and no more are allowed", 0.0)
        self.in_flight = in_flight
        """Calls under way."""


class Throttled(NotSent):
    """The service sheds so much of what it is asked that a share of the calls is kept back.

    ``retry_after`` is what the service itself last asked for.
    """

    reason = "throttled"

    def __init__(self, service: str, share: float, retry_after: float) -> None:
        super().__init__(service, f"{service} is overloaded; {share:.0%} of the calls to it are kept back", retry_after)
        self.share = share
        """Of the calls that are kept back, from 0 to 1."""


class ConnectionLost(UpstreamFailed):
    """The connection broke after the request was sent: whether it took effect is not known."""

    reason = "upstream-connection-lost"

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(f"the connection to {service} broke during {operation}", upstream=service)
        self.headers = {RETRIED_HEADER: "true"}
        self.service = service


class CallTimedOut(DeadlineExceeded):
    """There was no time for a reply, or too little to ask for one."""

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(problem, upstream=service)
        self.headers = {RETRIED_HEADER: "true"}
        self.service = service


def error_of(service: str, operation: str, outcome: Outcome) -> PharosError:
    """What a call that ended like this raises."""
    match outcome:
        case Outcome.NOT_CONNECTED:
            return Unreachable(service)
        case Outcome.TIMED_OUT:
            return CallTimedOut(service, f"{service} did not answer {operation} in time")
        case Outcome.GARBLED:
            return InvalidUpstreamReply(service, operation, "the reply is not HTTP")
        case Outcome.CONNECTION_LOST | Outcome.ANSWERED:
            return ConnectionLost(service, operation)
