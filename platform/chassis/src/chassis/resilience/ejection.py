"""Which replica is left out by the balancer for a while: one that cannot be reached, or fails again and again.

Unlike an open circuit breaker this refuses no call: where too few replicas are left, all are used.
"""

from collections.abc import Callable

from msgspec import Struct

from chassis.resilience.breaker import Verdict
from chassis.resilience.figures import require

_MOST_DOUBLINGS = 30


class EjectionConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a replica is left out and for how long; times in seconds.

    Five failures in a row and the threshold of 50 % are Envoy's. Its 30 s to 300 s are for fleets of hundreds, which
    can do without a host; here a replica is up to all there is, so that it is asked again after a second.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    enabled: bool = True
    failures: int = 5
    """Bad calls in a row; a replica that could not be reached at all is left out at once."""
    first: float = 1.0
    """How long it is left out; doubles each time until a call is good."""
    longest: float = 30.0
    jitter: float = 0.2
    """The time varies by that share, so that callers do not come back all at once."""
    panic_replicas: int = 3
    """From so many replicas on, ``panic_share`` holds; with fewer, all are used only when all are left out."""
    panic_share: float = 0.5
    """With a smaller share left, all are used: the few would not bear it, and more likely the caller is wrong."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require(
            "ejection",
            {
                "failures: 1 or more": self.failures >= 1,
                "first: above 0, at most longest": 0 < self.first <= self.longest,
                "jitter: 0 or more, below 1": 0 <= self.jitter < 1,
                "panic_replicas: 1 or more": self.panic_replicas >= 1,
                "panic_share: 0 to 1": 0 <= self.panic_share <= 1,
            },
        )


class Ejection:
    """The failures of one replica in a row; clock and randomness come with the calls."""

    __slots__ = ("_config", "_failures", "_times", "until")

    def __init__(self, config: EjectionConfig) -> None:
        self._config = config
        self._failures = 0
        self._times = 0
        self.until = 0.0
        """Until then it is left out, in seconds of the clock that the calls bring."""

    def end(self, verdict: Verdict, now: float, random: Callable[[], float], *, reachable: bool) -> float | None:
        """A call is over.

        Args:
            verdict: what it says about the replica.
            now: seconds of a monotonic clock.
            random: uniform in [0, 1), for the jitter.
            reachable: false where the connection could not be made, or broke.

        Returns:
            Seconds for which the replica is left out from now on, if this call decided that.
        """
        if verdict is Verdict.NEITHER:
            return None
        if verdict is Verdict.GOOD:
            self._failures = self._times = 0
            self.until = 0.0
            return None
        self._failures += 1
        config = self._config
        if now < self.until or not config.enabled or (reachable and self._failures < config.failures):
            return None
        return self._eject(now, random)

    def _eject(self, now: float, random: Callable[[], float]) -> float:
        config = self._config
        seconds: float = min(config.longest, config.first * 2.0**self._times)
        seconds *= 1 + config.jitter * (2 * random() - 1)
        self._times = min(self._times + 1, _MOST_DOUBLINGS)
        self.until = now + seconds
        return seconds
