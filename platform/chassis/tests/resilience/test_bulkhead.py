"""How many calls to one dependency may be under way."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience import Bulkhead, BulkheadConfig


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 40), st.floats(0.1, 400))
def test_never_more_than_its_places_and_its_share_of_the_process(coming: list[bool], calls: int, places: float) -> None:
    bulkhead, inside = Bulkhead(BulkheadConfig(calls=calls)), 0
    for comes in coming:
        if comes and not bulkhead.full(places):
            bulkhead.enter()
            inside += 1
        elif not comes and inside:
            bulkhead.leave()
            inside -= 1
        assert bulkhead.in_flight == inside <= calls
        assert inside == 1 or inside < 0.75 * places + 1


@given(st.integers(1, 40))
def test_it_is_full_only_when_every_place_is_taken(calls: int) -> None:
    bulkhead = Bulkhead(BulkheadConfig(calls=calls))
    for _ in range(calls):
        assert not bulkhead.full()
        bulkhead.enter()
    assert bulkhead.full()


def test_one_that_is_switched_off_is_never_full() -> None:
    bulkhead = Bulkhead(BulkheadConfig(enabled=False, calls=1))
    bulkhead.enter()
    assert not bulkhead.full(1.0)
