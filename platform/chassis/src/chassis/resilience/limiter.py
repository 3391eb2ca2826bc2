"""Who is worked on, who waits and who is sent away: a concurrency limit with priorities.

Of the limit, prefetch requests get at most their share, background ones theirs with them, and user-facing ones all of
it: what is reserved for people is never lent, since a place lent to slow work does not come back when it is needed.
It decides and has no effects: the clock comes with the calls, and whoever waits is a ticket of the caller's.
"""

from collections import deque
from typing import Generic, TypeVar

from chassis.resilience.gradient import Gradient
from chassis.resilience.priority import Priority
from chassis.resilience.requests import RequestLimits

LEAST_SAMPLES = 10
"""With fewer requests a window says nothing; it goes on."""

Ticket = TypeVar("Ticket")


class Limiter(Generic[Ticket]):
    """The places of one process. Whoever `enter`s, or whose ticket is called, gives the place back by `leave`."""

    __slots__ = ("_busy", "_config", "_count", "_gradient", "_since", "_totals", "_waiting", "in_flight", "total")

    def __init__(self, config: RequestLimits, now: float) -> None:
        self._config = config
        self._gradient = Gradient(config)
        self._waiting: dict[Priority, deque[Ticket]] = {priority: deque() for priority in Priority}
        self.in_flight = [0] * len(Priority)
        """Requests worked on, by priority."""
        self.total = 0
        """All of them."""
        self._since = now
        self._totals: dict[str, tuple[int, float]] = {}
        self._count = 0
        self._busy = False

    @property
    def limit(self) -> float:
        """How many may be worked on at once."""
        return self._gradient.limit

    @property
    def queued(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def enter(self, priority: Priority) -> bool:
        """Take a place, unless there is none or somebody as important waits for one already."""
        if not self._has_room(priority) or any(self._waiting[other] for other in Priority if other >= priority):
            self._busy = True
            return False
        self.take(priority)
        return True

    def wait(self, priority: Priority, ticket: Ticket) -> bool:
        """Queue up, unless too many do already."""
        if self.queued >= int(self._config.queue_share * self.limit):
            return False
        self._waiting[priority].append(ticket)
        return True

    def displace(self, priority: Priority) -> Ticket | None:
        """Take whoever came last of the least important out of the queue, if less important than this."""
        for lower in Priority:
            if lower >= priority:
                return None
            if self._waiting[lower]:
                return self._waiting[lower].pop()
        return None

    def give_up(self, priority: Priority, ticket: Ticket) -> None:
        """Stop waiting; nothing happens if the ticket was called meanwhile."""
        if ticket in self._waiting[priority]:
            self._waiting[priority].remove(ticket)

    def take(self, priority: Priority) -> None:
        """Take a place without asking: for work that was let in before and goes on."""
        self.in_flight[priority] += 1
        self.total += 1
        if self.total * 2 >= self.limit:
            self._busy = True

    def free(self, priority: Priority) -> list[Ticket]:
        """Give a place back.

        Returns:
            The tickets whose turn it is; each has a place now.
        """
        self.in_flight[priority] -= 1
        self.total -= 1
        return self._call() if self.queued else []

    def learn(self, route: str, seconds: float, now: float) -> None:
        """A request ended that took this long; the limit moves when a window is over."""
        count, taken = self._totals.get(route, (0, 0.0))
        self._totals[route] = (count + 1, taken + seconds)
        self._count += 1
        if now - self._since >= self._config.window and self._count >= LEAST_SAMPLES:
            self._gradient.update(self._totals, busy=self._busy)
            self._totals = {}
            self._count = 0
            self._since = now
            self._busy = self.total * 2 >= self.limit

    def _call(self) -> list[Ticket]:
        called = []
        for priority in reversed(Priority):
            waiting = self._waiting[priority]
            while waiting and self._has_room(priority):
                self.take(priority)
                called.append(waiting.popleft())
        return called

    def _has_room(self, priority: Priority) -> bool:
        """However low the limit, no priority has a share of less than one place."""
        if self.total >= int(self.limit):
            return False
        if priority is Priority.USER:
            return True
        if priority is Priority.PREFETCH:
            return self.in_flight[0] < max(1, int(self._config.prefetch_share * self.limit))
        return self.in_flight[0] + self.in_flight[1] < max(1, int(self._config.background_share * self.limit))
