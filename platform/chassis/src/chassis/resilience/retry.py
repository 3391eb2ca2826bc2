"""Whether a failed attempt is made again, and after how long."""

from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from chassis.resilience.deadline import SHORTEST_CALL_S
from chassis.resilience.figures import require

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""RFC 9110 §9.2.2; any other method is repeatable only under an Idempotency-Key."""
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})


class Outcome(Enum):
    """How an attempt failed."""

    NOT_CONNECTED = "not-connected"
    """Nothing was sent: repeating it is safe whatever the method."""
    CONNECTION_LOST = "connection-lost"
    TIMED_OUT = "timed-out"
    GARBLED = "garbled"
    """What came back is not HTTP: it will not be better the next time."""
    ANSWERED = "answered"
    """The callee answered that it could not, with one of the retryable statuses."""


class RetryPolicy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """At most three attempts; waits of 50 ms doubling to one second, each with full jitter.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    attempts: int = 3
    """In all, the first one included."""
    base: float = 0.050
    """Seconds that the first wait lasts at most."""
    factor: float = 2.0
    cap: float = 1.0
    """Seconds that any wait lasts at most, unless the callee asked for a longer one."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require(
            "retry",
            {
                "attempts: 1 or more": self.attempts >= 1,
                "base: above 0, at most cap": 0 < self.base <= self.cap,
                "factor: 1 or more": self.factor >= 1,
            },
        )

    def backoff(self, attempts_made: int, random: Callable[[], float]) -> float:
        """Seconds to wait after that many attempts: anywhere from zero to the growing bound (full jitter)."""
        bound: float = min(self.cap, self.base * self.factor ** (attempts_made - 1))
        return random() * bound

    def wait(
        self,
        outcome: Outcome,
        *,
        attempts_made: int,
        repeatable: bool,
        remaining: float,
        retry_after: float | None,
        random: Callable[[], float],
    ) -> float | None:
        """Seconds to wait before the next attempt, or none to give up.

        Args:
            outcome: how the last attempt ended.
            attempts_made: the last one included.
            repeatable: the request has the same effect made twice.
            remaining: seconds until the call's deadline.
            retry_after: what the callee asked for in Retry-After, in seconds.
            random: uniform in [0, 1).
        """
        allowed = outcome is Outcome.NOT_CONNECTED or (repeatable and outcome is not Outcome.GARBLED)
        if attempts_made >= self.attempts or not allowed:
            return None
        wait = max(self.backoff(attempts_made, random), retry_after or 0.0)
        return wait if remaining - wait >= SHORTEST_CALL_S else None


def is_repeatable(method: str, *, has_idempotency_key: bool) -> bool:
    """Whether a request may be sent again after the callee may have seen it."""
    return has_idempotency_key or method in IDEMPOTENT_METHODS


def parse_retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header; its date form is ignored, since clocks need not agree."""
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 9:
        return None
    return float(value)
