"""The circuit breaker of one replica: whether it gets a call at all.

Closed, every call goes out. When too many of them are bad, it opens and none goes out for a while. Then it is
half-open: a few calls try the replica; if all of them are good it closes, and at the first bad one it opens for longer.

It decides and has no effects: the clock and randomness come with the calls. The figures are those of ``BreakerConfig``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

from chassis.resilience.figures import require
from chassis.resilience.window import CallWindow

_MOST_DOUBLINGS = 30


class BreakerState(Enum):
    """What a breaker lets through: everything, a few probes, nothing."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Verdict(Enum):
    """What a finished call says about the replica."""

    GOOD = "good"
    BAD = "bad"
    """It failed or was too slow."""
    NEITHER = "neither"
    """Nothing: the caller gave up, or the replica was well and said so in refusing."""


class BreakerConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a breaker opens and for how long; times in seconds.

    The share of 50 % and the slow calls are resilience4j's. Its minimum of 100 calls would never be reached by a
    replica with a few requests a second, so that 20 in ten seconds are enough here; five seconds are Polly's break.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    enabled: bool = True
    window: float = 10.0
    """Only calls that ended within it count."""
    calls: int = 20
    """With fewer it never opens."""
    bad_share: float = 0.5
    """Share of bad calls at which it opens."""
    slow: float | None = None
    """A call whose reply took that long to begin is bad; without it, the call's attempt timeout."""
    open_first: float = 4.8
    """How long it is open the first time, with its jitter less than six seconds; doubles with each failed probing."""
    open_longest: float = 60.0
    jitter: float = 0.2
    """The time open varies by that share, so that callers do not come back all at once."""
    probes: int = 3
    """So many calls try the replica, and all must be good."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        sound = {
            "window: above 0": self.window > 0,
            "calls: 1 or more": self.calls >= 1,
            "bad_share: above 0, at most 1": 0 < self.bad_share <= 1,
            "slow: above 0, or none": self.slow is None or self.slow > 0,
            "open_first: above 0, at most open_longest": 0 < self.open_first <= self.open_longest,
            "jitter: 0 or more, below 1": 0 <= self.jitter < 1,
            "probes: 1 or more": self.probes >= 1,
        }
        require("circuit breaker", sound)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state; ``open_s`` is how long it will be open, zero unless it opened."""

    before: BreakerState
    after: BreakerState
    open_s: float = 0.0


class Breaker:
    """The state of one replica as its caller sees it.

    Whoever calls asks ``admits``, then ``begin``, and gives the ``era`` of that moment back to ``end``, exactly once:
    what began before a change of state says nothing about the state after it.
    """

    __slots__ = (
        "_config",
        "_failed_openings",
        "_good_probes",
        "_probes",
        "_state",
        "_until",
        "_window",
        "closed",
        "era",
    )

    def __init__(self, config: BreakerConfig) -> None:
        self._config = config
        self._window = CallWindow(config.window)
        self._state = BreakerState.CLOSED
        self._until = 0.0
        self._failed_openings = 0
        self._probes = 0
        self._good_probes = 0
        self.closed = True
        """Whether everything goes out: what is so nearly always, told without a call."""
        self.era = 0

    def state(self, now: float) -> BreakerState:
        """The state as the next call would find it: open ends by time, not by a call."""
        if self._state is BreakerState.OPEN and now >= self._until:
            return BreakerState.HALF_OPEN
        return self._state

    def admits(self, now: float) -> bool:
        """Whether a call may go out now."""
        if self.closed:
            return True
        if self._state is BreakerState.OPEN:
            return now >= self._until
        return self._probes < self._config.probes

    def closed_for(self, now: float) -> float:
        """Seconds until it can admit a call; zero also where that depends on how the probes under way end."""
        return max(0.0, self._until - now) if self._state is BreakerState.OPEN else 0.0

    def begin(self) -> Transition | None:
        """A call that was admitted goes out."""
        if self.closed:
            return None
        change = self._enter(BreakerState.HALF_OPEN) if self._state is BreakerState.OPEN else None
        self._probes += 1
        return change

    def end(self, era: int, verdict: Verdict, now: float, random: Callable[[], float]) -> Transition | None:
        """A call is over.

        Args:
            era: of the breaker when the call began.
            verdict: what the call says about the replica.
            now: seconds of a monotonic clock.
            random: uniform in [0, 1), for the time it stays open.
        """
        if era != self.era:
            return None
        if not self.closed:
            return self._judge_probe(verdict, now, random)
        if verdict is Verdict.NEITHER:
            return None
        window, config = self._window, self._config
        window.add(now, bad=verdict is Verdict.BAD)
        if window.calls < config.calls or window.bad < config.bad_share * window.calls or not config.enabled:
            return None
        return self._open(now, random)

    def _judge_probe(self, verdict: Verdict, now: float, random: Callable[[], float]) -> Transition | None:
        if verdict is Verdict.BAD:
            return self._open(now, random)
        if verdict is Verdict.NEITHER:
            self._probes -= 1
            return None
        self._good_probes += 1
        if self._good_probes < self._config.probes:
            return None
        self._failed_openings = 0
        return self._enter(BreakerState.CLOSED)

    def _open(self, now: float, random: Callable[[], float]) -> Transition:
        config = self._config
        seconds = min(config.open_longest, config.open_first * 2.0**self._failed_openings)
        seconds *= 1 + config.jitter * (2 * random() - 1)
        self._failed_openings = min(self._failed_openings + 1, _MOST_DOUBLINGS)
        self._until = now + seconds
        return self._enter(BreakerState.OPEN, seconds)

    def _enter(self, state: BreakerState, open_s: float = 0.0) -> Transition:
        change = Transition(self._state, state, open_s)
        self._state = state
        self.closed = state is BreakerState.CLOSED
        self._probes = self._good_probes = 0
        self._window.clear()
        self.era += 1
        return change
