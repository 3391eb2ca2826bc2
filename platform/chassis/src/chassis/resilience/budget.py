"""The retry budget: how much a caller may add to the load of a service in trouble.

Figures as Finagle's ``RetryBudget`` has them, with a stricter share: retries may be 10 % of the requests of
the last ten seconds, plus one a second, so that a caller with little traffic may retry at all.
"""

from collections import deque

_RATIO = 0.1
_FLOOR_PER_S = 1.0
_TTL_S = 10.0


class RetryBudget:
    """Tokens that requests bring in and retries take out; both are forgotten after ``ttl`` seconds.

    The clock comes with every call and must not run backwards.
    """

    __slots__ = ("_balance", "_entries", "_floor", "_ratio", "_slice", "_ttl")

    def __init__(self, *, ratio: float = _RATIO, floor_per_s: float = _FLOOR_PER_S, ttl: float = _TTL_S) -> None:
        self._ratio = ratio
        self._ttl = ttl
        self._slice = ttl / 10
        self._floor = floor_per_s * ttl
        self._balance = 0.0
        self._entries: deque[list[float]] = deque()

    def deposit(self, now: float) -> None:
        """Count one request (its first attempt)."""
        self._add(now, self._ratio)

    def withdraw(self, now: float) -> bool:
        """Take one retry out; false when the budget is used up, and then nothing is taken."""
        if self.available(now) < 1.0:
            return False
        self._add(now, -1.0)
        return True

    def available(self, now: float) -> float:
        """Retries that may be made now."""
        self._forget(now)
        return self._balance + self._floor

    def _add(self, now: float, amount: float) -> None:
        self._forget(now)
        if not self._entries or now - self._entries[-1][0] >= self._slice:
            self._entries.append([now, 0.0])
        self._entries[-1][1] += amount
        self._balance += amount

    def _forget(self, now: float) -> None:
        while self._entries and now - self._entries[0][0] >= self._ttl:
            self._balance -= self._entries.popleft()[1]
        if not self._entries:
            self._balance = 0.0
