from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.observed import Recovery, cold_start, first_start, last_recovered, recovery_of, restarts
from warden.journal import Entry

STRUCK = 100.0


def entry(time: float, event: str, instance: str = "orders-1") -> Entry:
    return Entry(time=time, event=event, instance=instance)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], Recovery()),
        ([entry(100.5, "exited")], Recovery(detection=0.5)),
        ([entry(100.5, "exited"), entry(102.0, "ready")], Recovery(detection=0.5, recovery=2.0)),
        ([entry(103.0, "hung"), entry(103.1, "stopped"), entry(105.0, "ready")], Recovery(detection=3.0, recovery=5.0)),
        ([entry(101.0, "ejected"), entry(130.0, "restored")], Recovery(detection=1.0, recovery=30.0)),
        ([entry(101.0, "ready")], Recovery()),
        ([entry(99.0, "exited"), entry(99.5, "ready")], Recovery()),
        ([entry(101.0, "exited", "orders-2"), entry(102.0, "ready", "orders-2")], Recovery()),
    ],
    ids=["silence", "noticed", "restarted", "hung", "ejected", "never unwell", "before the fault", "another's"],
)
def test_recovery_is_read_from_what_happened_to_what_was_hit(entries: Sequence[Entry], expected: Recovery) -> None:
    assert recovery_of(entries, {"orders-1"}, STRUCK) == expected


def test_what_falls_ill_again_has_not_recovered() -> None:
    entries = [entry(101, "exited"), entry(102, "ready"), entry(103, "exited")]

    assert recovery_of(entries, {"orders-1"}, STRUCK) == Recovery(detection=1.0)


def test_a_release_that_is_taken_back_takes_its_replicas_with_it() -> None:
    hit = {"orders", "orders-3"}
    entries = [
        Entry(time=105, event="ejected", instance="orders-3", service="orders"),
        Entry(time=106, event="rolling-back", instance="orders", service="orders"),
        Entry(time=108, event="rolled-back", instance="orders", service="orders"),
    ]

    assert recovery_of(entries, hit, STRUCK) == Recovery(detection=5.0, recovery=8.0)


def test_all_that_were_hit_must_be_well() -> None:
    hit = {"orders-1", "orders-2"}
    entries = [entry(101, "exited"), entry(101, "exited", "orders-2"), entry(102, "ready")]

    assert recovery_of(entries, hit, STRUCK).recovery is None
    assert recovery_of([*entries, entry(104, "ready", "orders-2")], hit, STRUCK).recovery == 4.0


@given(st.lists(st.tuples(st.floats(90, 200), st.sampled_from(["exited", "hung", "ready", "started", "stopped"]))))
def test_recovery_never_comes_before_detection(events: list[tuple[float, str]]) -> None:
    found = recovery_of([entry(*event) for event in sorted(events)], {"orders-1"}, STRUCK)

    assert found.recovery is None or (found.detection is not None and 0 <= found.detection <= found.recovery)


def test_starts_since_the_fault_are_counted_by_instance() -> None:
    entries = [
        *(entry(90, "started"), entry(91, "adopted", "nats")),
        *(entry(101, "started"), entry(102, "started", "nats"), entry(103, "ready", "lens")),
    ]

    assert restarts(entries, STRUCK) == {"orders-1": 1, "nats": 1}


def test_the_first_start_of_what_was_still_being_fetched_is_no_restart() -> None:
    entries = [entry(101, "started", "prometheus"), entry(105, "exited", "prometheus")]

    assert restarts(entries, STRUCK) == {}
    assert restarts([*entries, entry(106, "started", "prometheus")], STRUCK) == {"prometheus": 1}


def test_a_cold_start_is_the_latest_one_of_up() -> None:
    entries = [
        *(entry(1, "started"), entry(3, "up")),
        *(entry(5, "started"), entry(6, "up")),
        *(entry(7, "started"), entry(17, "ready")),
        *(entry(8, "started", "nats"), entry(9, "up", "nats")),
    ]

    assert cold_start(entries, "orders-1") == 1.0
    assert cold_start(entries, "lens") is None


def test_the_first_start_of_a_container_is_the_one_that_ended_no_fault() -> None:
    entries = [
        Entry(time=1, event="ready", instance="orders-1", fault="exit", details={"seconds": 9.0}),
        Entry(time=2, event="ready", instance="orders-2", details={"seconds": 8.0}),
        Entry(time=3, event="ready", instance="orders-1", details={"seconds": 7.5}),
        Entry(time=4, event="ready", instance="orders-1", details={"seconds": 3.0}),
    ]
    assert first_start(entries, "orders-1") == 7.5
    assert first_start(entries, "payments-1") is None


def test_the_last_recovery_is_the_instances_own_and_the_latest() -> None:
    entries = [
        entry(101.0, "ready"),
        entry(140.0, "restored"),
        entry(150.0, "ready", "orders-2"),
        entry(160.0, "exited"),
    ]
    assert last_recovered(entries, "orders-1") == 140.0
    assert last_recovered(entries, "payments-1") is None
