"""Steps of a rollout, taken one after the other on replicas that come, go and fail as they like."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.discovery import trial_weight
from warden.release.rollout import Await, Finish, Judge, Retire, Seen, Start, Step, Weigh, next_step

NEW, OLD = "2.0.0", "1.0.0"
replicas_seen = st.lists(
    st.builds(
        Seen, instance=st.uuids().map(str), release=st.sampled_from([NEW, OLD]), ready=st.booleans(),
        weight=st.sampled_from([0.0, 1.0, trial_weight(1), trial_weight(2)]),
    ),
    max_size=6,
)  # fmt: skip


def taken(step: Step, replicas: list[Seen]) -> list[Seen]:
    """What runs after the step; time passes with it, and whatever was starting is ready."""
    match step:
        case Start(weight):
            return [*replicas, Seen(f"fresh-{len(replicas)}", NEW, ready=False, weight=weight)]
        case Weigh(instance, weight):
            return [replace(one, weight=weight) if one.instance == instance else one for one in replicas]
        case Retire(instance):
            return [one for one in replicas if one.instance != instance]
        case Await():
            return [replace(one, ready=True) for one in replicas]
    return replicas


@given(st.integers(1, 4), replicas_seen)
def test_never_is_one_retired_that_leaves_fewer_than_are_wanted(wanted: int, replicas: list[Seen]) -> None:
    step = next_step("replacing", NEW, wanted, replicas)

    if isinstance(step, Retire):
        left = [one for one in replicas if one.instance != step.instance]
        assert sum(one.ready for one in left) >= wanted


@given(st.integers(1, 4), replicas_seen)
def test_from_wherever_it_was_cut_off_it_comes_to_its_end(wanted: int, replicas: list[Seen]) -> None:
    for _ in range(60):
        step = next_step("replacing", NEW, wanted, replicas)
        if isinstance(step, Finish):
            break
        replicas = taken(step, replicas)

    assert [(one.release, one.ready, one.weight) for one in replicas] == [(NEW, True, 1.0)] * wanted


@given(st.integers(1, 4))
def test_no_more_than_one_replica_runs_beside_those_that_are_wanted(wanted: int) -> None:
    replicas = [Seen(f"old-{number}", OLD, ready=True, weight=1.0) for number in range(wanted)]
    while not isinstance(step := next_step("replacing", NEW, wanted, replicas), Finish):
        replicas = taken(step, replicas)
        assert len(replicas) <= wanted + 1


@given(st.integers(1, 8))
def test_a_release_on_trial_gets_a_tenth_of_the_requests_and_retires_nobody(siblings: int) -> None:
    replicas = [Seen(f"old-{number}", OLD, ready=True, weight=1.0) for number in range(siblings)]
    steps = []
    while not isinstance(step := next_step("canary", NEW, siblings, replicas), Judge):
        steps.append(step)
        replicas = taken(step, replicas)

    assert not any(isinstance(step, Retire) for step in steps)
    (canary,) = [one for one in replicas if one.release == NEW]
    assert canary.weight / sum(one.weight for one in replicas) == pytest.approx(0.1)
