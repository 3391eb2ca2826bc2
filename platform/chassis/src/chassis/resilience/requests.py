"""The limits on what a process is asked: `[resilience.requests]` of a `service.toml`."""

from msgspec import Struct


class RequestLimits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Counts, bytes and seconds. docs/resilience.md says why these.

    Raises:
        ValueError: a figure that makes no sense, named with its range.
    """

    concurrency_start: int = 20
    """Requests worked on at once before anything is known about how long they take."""
    concurrency_min: int = 4
    concurrency_max: int = 200
    tolerance: float = 1.5
    """Requests may take that much longer than usual before the limit falls."""
    smoothing: float = 0.2
    """How far one window moves the limit."""
    window: float = 0.25
    """Seconds over which durations are averaged before the limit moves; longer until ten requests ended."""
    long_window: int = 600
    """Windows over which the usual time is averaged."""
    queue_share: float = 0.5
    """So many may wait for a place, as a share of the limit."""
    queue_wait: float = 0.05
    """Seconds one may wait for a place."""
    background_share: float = 0.4
    """Of the limit, what background and prefetch requests may take together: 60 % are for people."""
    prefetch_share: float = 0.1
    """Of the limit, what prefetch requests may take."""
    lag_shed: float = 0.1
    """Seconds of event-loop lag at which only user-facing requests are served."""
    lag_stop: float = 0.25
    """Seconds of event-loop lag at which none is."""
    memory_limit: int | None = None
    """Bytes of resident memory the process may have; without it, what the container allows, if anything."""
    memory_shed: float = 0.92
    memory_stop: float = 0.95
    header_fields: int = 100
    """Header fields of a request."""
    header_bytes: int = 16_384
    """Names and values of all header fields together."""
    target_bytes: int = 4_096
    """Path and query."""
    json_depth: int = 32
    """Arrays and objects inside each other in a JSON body."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        sound = {
            "concurrency_min: 1 or more": self.concurrency_min >= 1,
            "concurrency_start: from concurrency_min to concurrency_max": (
                self.concurrency_min <= self.concurrency_start <= self.concurrency_max
            ),
            "tolerance: 1 or more": self.tolerance >= 1,
            "smoothing: above 0, at most 1": 0 < self.smoothing <= 1,
            "window: above 0": self.window > 0,
            "long_window: 1 or more": self.long_window >= 1,
            "queue_share: from 0 to 1": 0 <= self.queue_share <= 1,
            "queue_wait: 0 or more": self.queue_wait >= 0,
            "prefetch_share: above 0, at most background_share": 0 < self.prefetch_share <= self.background_share,
            "background_share: at most 1": self.background_share <= 1,
            "lag_shed: above 0, at most lag_stop": 0 < self.lag_shed <= self.lag_stop,
            "memory_limit: above 0, or none": self.memory_limit is None or self.memory_limit > 0,
            "memory_shed: above 0, at most memory_stop": 0 < self.memory_shed <= self.memory_stop,
            "memory_stop: at most 1": self.memory_stop <= 1,
            "header_fields: 20 or more": self.header_fields >= 20,
            "header_bytes: 1024 or more": self.header_bytes >= 1024,
            "target_bytes: 128 or more": self.target_bytes >= 128,
            "json_depth: 1 to 500": 1 <= self.json_depth <= 500,
        }
        for rule, holds in sound.items():
            if not holds:
                raise ValueError(f"requests, {rule}")
