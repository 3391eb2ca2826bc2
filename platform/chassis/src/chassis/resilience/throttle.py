"""The throttle of one dependency: whether a call to a service that is shedding load is worth sending.

A service that sheds says 503 with Retry-After. Refusing costs it something, too, so a caller whose calls are mostly
refused keeps a growing share of them to itself: ``(requests - k * accepted) / (requests + 1)``, as in Google's
"Handling Overload".
"""

from collections.abc import Callable

from msgspec import Struct

from chassis.resilience.figures import require
from chassis.resilience.window import CallWindow

LONGEST_PAUSE_S = 60.0
"""Nobody is told to stay away for longer, whatever the service says."""


class ThrottleConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When calls are kept back, and how many at most.

    ``k`` is Google's. Its window of two minutes suits a service of thousands of clients. Once a service takes calls
    again, all are sent after about two windows, so that three seconds make six.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    enabled: bool = True
    k: float = 2.0
    """With 2 the service still refuses about as many calls as it takes, and so shows when it can take more."""
    window: float = 3.0
    """Only calls that ended within these seconds count."""
    calls: int = 20
    """With fewer in the window none is kept back."""
    most: float = 0.9
    """Share kept back at most: a service that refuses everybody is still asked often enough to see it recover."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require(
            "throttle",
            {
                "k: 1 or more": self.k >= 1,
                "window: above 0": self.window > 0,
                "calls: 1 or more": self.calls >= 1,
                "most: above 0, below 1": 0 < self.most < 1,
            },
        )


class Throttle:
    """What one caller knows of one dependency's refusals; clock and randomness come with the calls."""

    __slots__ = ("_config", "_window", "retry_after")

    def __init__(self, config: ThrottleConfig | None = None) -> None:
        self._config = config or ThrottleConfig()
        self._window = CallWindow(self._config.window)
        self.retry_after = 1.0
        """Seconds after which the dependency last asked to come back."""

    def share(self, now: float) -> float:
        """The share of calls that is kept back now, from 0 to ``most``."""
        window, config = self._window, self._config
        if window.bad == 0 or not config.enabled:
            return 0.0
        window.advance(now)
        if window.calls < config.calls:
            return 0.0
        accepted = window.calls - window.bad
        return min(config.most, max(0.0, (window.calls - config.k * accepted) / (window.calls + 1)))

    def keeps_back(self, now: float, random: Callable[[], float]) -> bool:
        """Decide on one call; one that is kept back counts as refused, since the service did not take it.

        Args:
            now: seconds of a monotonic clock.
            random: uniform in [0, 1); drawn only while something is kept back.
        """
        share = self.share(now)
        if share <= 0.0 or random() >= share:
            return False
        self._window.add(now, bad=True)
        return True

    def accepted(self, now: float) -> None:
        """The dependency took a call, whatever came of it."""
        self._window.add(now, bad=False)

    def refused(self, now: float, retry_after: float) -> None:
        """The dependency shed a call and asked to come back after so many seconds."""
        self.retry_after = min(retry_after, LONGEST_PAUSE_S)
        self._window.add(now, bad=True)
