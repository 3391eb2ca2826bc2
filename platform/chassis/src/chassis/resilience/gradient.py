"""How many requests a process works on at once, found from how long they take (Gradient2).

After each window the limit moves towards ``limit x gradient + headroom``. The gradient is the usual time of its
requests, with a tolerance, divided by what they took: 1 while they take about as long as ever, less when they begin to
wait for each other. The semantics are those of Netflix' concurrency-limits (Gradient2Limit), but for one thing: what is
usual is kept for each route, so that a change in what is asked does not look like a change in how long it takes.
There is one event loop, hence no locks.
"""

from collections.abc import Mapping
from typing import Final

from chassis.resilience.requests import RequestLimits

LEAST_GRADIENT: Final = 0.5
"""One slow window at most halves what the limit moves towards."""
HEADROOM: Final = 4.0
"""Requests that may wait inside without counting as congestion: what lets the limit grow."""
WARM_UP: Final = 10
"""The usual time is the plain average of that many first windows."""
STALE_RATIO: Final = 2.0
"""After an overload the usual time is that much above the present one, and forgets faster."""
FORGET: Final = 0.95


class Usual:
    """What requests of one route usually take: an exponential average over windows."""

    __slots__ = ("_seen", "seconds")

    def __init__(self) -> None:
        self._seen = 0
        self.seconds = 0.0

    def add(self, seconds: float, long_window: int) -> float:
        """Take in a window's average, above zero; the usual time with it."""
        self._seen += 1
        share = 1 / self._seen if self._seen <= WARM_UP else 2 / (long_window + 1)
        self.seconds += (seconds - self.seconds) * share
        usual = self.seconds
        if usual > STALE_RATIO * seconds:
            self.seconds = usual * FORGET
        return usual


class Gradient:
    """The limit as a state machine: a window's figures in, the new limit out."""

    __slots__ = ("_config", "_usual", "limit")

    def __init__(self, config: RequestLimits) -> None:
        self._config = config
        self._usual: dict[str, Usual] = {}
        self.limit = float(config.concurrency_start)

    def update(self, window: Mapping[str, tuple[int, float]], *, busy: bool) -> float:
        """Take in one window.

        Args:
            window: by route, how many requests ended and the seconds they took together.
            busy: whether the limit was tried: half of it was in use, or somebody had to wait. An idle process learns
                nothing about how much it could do.

        Returns:
            The limit from now on.
        """
        config = self._config
        taken = usual = 0.0
        for route, (count, seconds) in window.items():
            mean = max(seconds / count, 1e-6)
            known = self._usual.get(route) or self._usual.setdefault(route, Usual())
            usual += count * known.add(mean, config.long_window)
            taken += count * mean
        if not busy or not taken:
            return self.limit
        gradient = max(LEAST_GRADIENT, min(1.0, config.tolerance * usual / taken))
        aim = self.limit * gradient + HEADROOM
        moved = self.limit * (1 - config.smoothing) + aim * config.smoothing
        self.limit = max(config.concurrency_min, min(config.concurrency_max, moved))
        return self.limit
