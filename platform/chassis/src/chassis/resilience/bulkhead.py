"""The bulkhead of one dependency: how many calls to it may be under way at once.

A dependency that hangs holds every call for a whole timeout. Without a bound it would soon hold all that a process can
do at once, and the routes that do not need it would wait as well. There is no queue: a call that finds no place is
refused.
"""

from math import inf

from msgspec import Struct

from chassis.resilience.figures import require


class BulkheadConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many calls; 25 and no waiting are resilience4j's figures.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    enabled: bool = True
    calls: int = 25
    """To one dependency, all its replicas together, from the choice of a replica to the last byte of the reply."""
    share: float = 0.75
    """Of the requests that the process itself lets in at once, where it limits them: the others keep the rest."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        require("bulkhead", {"calls: 1 or more": self.calls >= 1, "share: above 0, at most 1": 0 < self.share <= 1})


class Bulkhead:
    """Counts what is under way. Whoever was let in calls ``leave`` exactly once."""

    __slots__ = ("_config", "in_flight")

    def __init__(self, config: BulkheadConfig | None = None) -> None:
        self._config = config or BulkheadConfig()
        self.in_flight = 0

    def full(self, places: float = inf) -> bool:
        """Whether the next call would be refused; `places` is how many requests the process lets in at once."""
        config = self._config
        return config.enabled and self.in_flight >= max(1, min(config.calls, config.share * places))

    def enter(self) -> None:
        """A call begins."""
        self.in_flight += 1

    def leave(self) -> None:
        """A call is over."""
        self.in_flight -= 1
