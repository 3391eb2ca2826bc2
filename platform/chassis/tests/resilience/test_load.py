"""When the process itself is overloaded: not for one late timer, and not over at the first good one."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.resilience.load import LOOKS_TO_LEAVE, Load, Look, Stage
from chassis.resilience.priority import Priority
from chassis.resilience.requests import RequestLimits

looks = st.builds(Look, lag=st.floats(0, 1), memory=st.floats(0, 1))


def after(*seen: Look) -> Load:
    load = Load(RequestLimits())
    for look in seen:
        load.look(look)
    return load


@given(st.lists(looks))
def test_what_is_refused_grows_with_the_stage_and_people_are_last(seen: list[Look]) -> None:
    load = after(*seen)
    refused = {priority for priority in Priority if load.refuses(priority)}
    expected: dict[Stage, set[Priority]] = {
        Stage.CALM: set(),
        Stage.SHED: {Priority.PREFETCH, Priority.BACKGROUND},
        Stage.STOP: set(Priority),
    }
    assert refused == expected[load.stage]


@given(st.lists(looks))
def test_a_stage_is_entered_only_after_two_looks_that_reach_it(seen: list[Look]) -> None:
    load, before = Load(RequestLimits()), Stage.CALM
    for number, look in enumerate(seen):
        stage = load.look(look)
        if stage > before:
            bounds = {Stage.SHED: (0.1, 0.92), Stage.STOP: (0.25, 0.95)}[stage]
            assert all(each.lag >= bounds[0] or each.memory >= bounds[1] for each in seen[number - 1 : number + 1])
        before = stage


@given(st.lists(looks))
def test_it_is_calm_again_after_two_good_seconds(seen: list[Look]) -> None:
    load = after(*seen, *[Look(0.0, 0.0)] * (2 * LOOKS_TO_LEAVE))
    assert load.stage is Stage.CALM


def test_one_late_timer_is_a_hiccup() -> None:
    assert after(Look(3.0, 0.0), Look(0.0, 0.0)).stage is Stage.CALM


def test_a_second_between_the_bounds_keeps_the_stage() -> None:
    load = after(Look(0.12, 0.0), Look(0.12, 0.0), *[Look(0.07, 0.0)] * 50)
    assert load.stage is Stage.SHED


def test_memory_stops_everything_near_its_limit() -> None:
    assert after(Look(0.0, 0.93), Look(0.0, 0.93)).stage is Stage.SHED
    assert after(Look(0.0, 0.96), Look(0.0, 0.96)).stage is Stage.STOP
