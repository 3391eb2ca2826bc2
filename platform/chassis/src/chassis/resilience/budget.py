"""The retry budget: how much a caller may add to the load of a service in trouble.

Figures as Finagle's ``RetryBudget`` has them, with a stricter share: retries may be 10 % of the requests of the last
ten seconds. A caller with so little traffic that this is less than one a second may retry once a second all the same.
The two are not added up, as they are there: the share is a promise to the service, which the floor must not break.
"""

from collections import deque

from msgspec import Struct

from chassis.resilience.figures import require


class BudgetConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many retries.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    share: float = 0.1
    """Of the requests that began within ``ttl``."""
    floor_per_s: float = 1.0
    """So many may be made, however few requests there are."""
    ttl: float = 10.0
    """Seconds after which requests and retries are forgotten."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require(
            "retry budget",
            {
                "share: 0 to 1": 0 <= self.share <= 1,
                "floor_per_s: 0 or more": self.floor_per_s >= 0,
                "ttl: above 0": self.ttl > 0,
            },
        )


class RetryBudget:
    """Requests bring tokens in, and retries take them out; both are forgotten in time.

    The clock comes with every call and must not run backwards.
    """

    __slots__ = ("_entries", "_floor", "_requests", "_retries", "_share", "_slice", "_ttl")

    def __init__(self, config: BudgetConfig | None = None) -> None:
        config = config or BudgetConfig()
        self._share = config.share
        self._ttl = config.ttl
        self._slice = config.ttl / 10
        self._floor = config.floor_per_s * config.ttl
        self._entries: deque[_Slice] = deque()
        self._requests = 0
        self._retries = 0

    def deposit(self, now: float) -> None:
        """Count one request (its first attempt)."""
        self._slice_of(now).requests += 1
        self._requests += 1

    def withdraw(self, now: float) -> bool:
        """Take one retry out; false when the budget is used up, and then nothing is taken."""
        if self.available(now) < 1.0:
            return False
        self._slice_of(now).retries += 1
        self._retries += 1
        return True

    def available(self, now: float) -> float:
        """Retries that may be made now."""
        self._forget(now)
        return max(self._share * self._requests, self._floor) - self._retries

    def _slice_of(self, now: float) -> "_Slice":
        self._forget(now)
        entries = self._entries
        if not entries or now - entries[-1].began >= self._slice:
            entries.append(_Slice(now))
        return entries[-1]

    def _forget(self, now: float) -> None:
        while self._entries and now - self._entries[0].began >= self._ttl:
            gone = self._entries.popleft()
            self._requests -= gone.requests
            self._retries -= gone.retries


class _Slice:
    __slots__ = ("began", "requests", "retries")

    def __init__(self, began: float) -> None:
        self.began = began
        self.requests = 0
        self.retries = 0
