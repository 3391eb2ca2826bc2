"""Places by priority: never more than the limit, people first, whoever waits is called in turn."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.resilience.limiter import Limiter
from chassis.resilience.priority import Priority
from chassis.resilience.requests import RequestLimits

priorities = st.sampled_from(Priority)


class Places(RuleBasedStateMachine):
    """Requests come, wait, give up, and go, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.limiter: Limiter[int] = Limiter(RequestLimits(concurrency_start=10, concurrency_max=30), 0.0)
        self.inside: list[Priority] = []
        self.waiting: dict[int, Priority] = {}
        self.tickets = 0

    @rule(priority=priorities)
    def arrive(self, priority: Priority) -> None:
        if self.limiter.enter(priority):
            assert not any(other >= priority for other in self.waiting.values())
            self.inside.append(priority)
        else:
            self.tickets += 1
            if self.limiter.wait(priority, self.tickets):
                self.waiting[self.tickets] = priority

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), seconds=st.floats(0.001, 1.0))
    def end(self, data: st.DataObject, seconds: float) -> None:
        priority = self.inside.pop(data.draw(st.integers(0, len(self.inside) - 1)))
        self.now += 0.05
        self.limiter.learn("GET /", seconds, self.now)
        called = self.limiter.free(priority)
        ranks = [self.waiting[ticket] for ticket in called]
        assert ranks == sorted(ranks, reverse=True)
        for ticket in called:
            mine = self.waiting.pop(ticket)
            assert not any(other == mine and number < ticket for number, other in self.waiting.items())
            self.inside.append(mine)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.waiting)))
        self.limiter.give_up(self.waiting.pop(ticket), ticket)

    @rule(priority=priorities)
    def displace(self, priority: Priority) -> None:
        ticket = self.limiter.displace(priority)
        lower = {number: other for number, other in self.waiting.items() if other < priority}
        if ticket is None:
            assert not lower
            return
        least = min(lower.values())
        assert ticket == max(number for number, other in lower.items() if other is least)
        del self.waiting[ticket]

    @invariant()
    def the_books_agree(self) -> None:
        assert self.limiter.total == sum(self.limiter.in_flight) == len(self.inside)
        assert self.limiter.queued == len(self.waiting)
        assert self.limiter.queued <= 30 / 2

    @invariant()
    def nobody_is_let_in_beyond_the_most(self) -> None:
        prefetch, background, _ = self.limiter.in_flight
        assert self.limiter.total <= 30
        assert prefetch <= 3
        assert prefetch + background <= 12


Places.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestPlaces = Places.TestCase


def test_places_for_people_are_not_lent() -> None:
    limiter: Limiter[int] = Limiter(RequestLimits(), 0.0)
    entered = [limiter.enter(Priority.BACKGROUND) for _ in range(100)].count(True)
    assert entered == 8
    assert [limiter.enter(Priority.USER) for _ in range(20)].count(True) == 12


def test_prefetch_is_shed_before_background_and_background_before_people() -> None:
    limiter: Limiter[int] = Limiter(RequestLimits(), 0.0)
    entered = {
        priority: [limiter.enter(priority) for _ in range(20)].count(True)
        for priority in (Priority.PREFETCH, Priority.BACKGROUND, Priority.USER)
    }
    assert entered == {Priority.PREFETCH: 2, Priority.BACKGROUND: 6, Priority.USER: 12}


def test_a_person_overtakes_whoever_waits_in_the_background() -> None:
    limiter: Limiter[str] = Limiter(RequestLimits(), 0.0)
    for _ in range(20):
        limiter.enter(Priority.BACKGROUND)
    for _ in range(12):
        limiter.enter(Priority.USER)
    assert limiter.wait(Priority.BACKGROUND, "machine")
    assert limiter.wait(Priority.USER, "person")
    assert limiter.free(Priority.USER) == ["person"]
    assert limiter.free(Priority.BACKGROUND) == ["machine"]
