"""What two looks at the containers mean."""

from dataclasses import replace

import msgspec

from warden.decide.model import Ended, Joined, Left, Observation, Started
from warden.docker.changes import address_of, changes
from warden.docker.engine import Container

NEEDS = {"orders": frozenset({"postgres", "nats"})}


def container(state: str = "running", *, identifier: str = "1", code: int | None = None, health: str = "") -> Container:
    return Container(id=identifier, part="orders", number=1, state=state, code=code, health=health, alive="engine")


def seen(before: Container | None, now: Container | None) -> list[Observation]:
    known = {before.instance: before} if before else {}
    return list(changes(known, [now] if now else [], NEEDS))


JOINED = Joined("orders-1", "orders", NEEDS["orders"], ready=True)
UNREADY = Joined("orders-1", "orders", NEEDS["orders"], ready=False)


def test_one_that_runs_is_kept_from_now_on_with_what_it_needs() -> None:
    assert seen(None, container()) == seen(None, container(health="healthy")) == [JOINED]


def test_one_that_only_a_restart_cures_is_known_as_such() -> None:
    assert seen(None, msgspec.structs.replace(container(), stuck=True)) == [replace(JOINED, stuck=True)]


def test_one_that_is_not_well_yet_is_not_ready() -> None:
    assert seen(None, container(health="starting")) == seen(None, container(health="unhealthy")) == [UNREADY]


def test_one_that_had_ended_before_warden_came_has_ended() -> None:
    assert seen(None, container("exited", code=1)) == [UNREADY, Ended("orders-1", 1)]


def test_nothing_happened_to_one_that_goes_on_or_stays_down() -> None:
    for state in ("running", "paused", "exited", "dead"):
        assert seen(container(state), container(state)) == []


def test_a_code_above_128_is_a_signal() -> None:
    assert seen(container(), container("exited", code=137)) == [Ended("orders-1", -9)]
    assert seen(container(), container("dead")) == [Ended("orders-1", None)]
    assert seen(container(), container("exited", code=0)) == [Ended("orders-1", 0)]


def test_one_that_somebody_else_started_is_started() -> None:
    assert seen(container("exited"), container()) == [Started("orders-1")]


def test_another_container_of_the_same_name_is_another_replica() -> None:
    assert seen(container(), container(identifier="2")) == [Left("orders-1"), JOINED]


def test_one_that_was_removed_is_kept_no_more() -> None:
    assert seen(container("exited"), None) == [Left("orders-1")]


def test_a_label_is_a_port_and_a_path_or_names_the_engine() -> None:
    assert address_of("8080/health/live") == (8080, "/health/live")
    assert address_of("13133/") == (13133, "/")
    assert address_of("engine") is None
