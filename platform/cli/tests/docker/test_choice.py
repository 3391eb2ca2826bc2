"""Which parts run and what they need, decided from the file and the options."""

import msgspec
import pytest

from pharos.docker.choice import OPTIONAL, SHARE_OF_LIMITS, choose
from pharos.docker.model import Model
from warden.errors import SettingsRefused

DONE = {"condition": "service_completed_successfully"}
MODEL = msgspec.convert(
    {
        "services": {
            "edge": {"image": "edge:dev", "build": {}, "ports": [{"published": "7700"}], "mem_limit": "100"},
            "orders": {"image": "orders:dev", "build": {}, "depends_on": {"orders-migrate": DONE}, "mem_limit": "200"},
            "orders-migrate": {"image": "orders:dev", "depends_on": {"databases": DONE}, "mem_limit": "900"},
            "databases": {"image": "postgres:18", "depends_on": {"postgres": {}}},
            "postgres": {"image": "postgres:18", "mem_limit": 400},
            "collector": {"image": "collector:1", "depends_on": {"volumes": DONE}, "ports": [{"published": "7713"}]},
            "volumes": {"image": "postgres:18"},
            "grafana": {"image": "grafana:12", "ports": [{"published": "7710"}], "mem_limit": "300"},
        }
    },
    Model,
)


def test_everything_runs_but_jobs_which_are_what_others_wait_for_to_end() -> None:
    choice = choose(MODEL, (), {}, ["orders"])
    assert list(choice.parts) == ["edge", "orders", "postgres", "collector", "grafana"]
    assert set(choice.parts.values()) == {1}
    assert choice.jobs == ["databases", "orders-migrate", "volumes"]
    assert choice.jobs_of("orders") == ["orders-migrate"]
    assert choice.absent == ()


def test_what_is_left_out_is_absent_and_needs_nothing() -> None:
    choice = choose(MODEL, ("grafana", "collector"), {}, ["orders"])
    assert choice.absent == ("collector", "grafana")
    assert choice.jobs == ["databases", "orders-migrate"]
    assert choice.ports == {"edge": 7700}
    assert choice.foreign_images == {"postgres:18": ["postgres", "databases"]}
    assert choice.built == ["edge", "orders"]


def test_memory_is_a_share_of_the_limits_of_what_stays_for_each_container() -> None:
    assert choose(MODEL, (), {}, ["orders"]).memory == int(1000 * SHARE_OF_LIMITS)
    assert choose(MODEL, ("grafana",), {"orders": 3}, ["orders"]).memory == int(1100 * SHARE_OF_LIMITS)


def test_the_largest_that_can_be_spared_is_named_when_memory_is_short() -> None:
    choice = choose(MODEL, (), {}, ["orders"])
    assert choice.to_leave_out(choice.memory) == []
    assert choice.to_leave_out(choice.memory - 1) == ["grafana"]
    assert choice.to_leave_out(100) == []


@pytest.mark.parametrize("part", ["edge", "orders", "postgres", "databases"])
def test_what_others_need_cannot_be_left_out(part: str) -> None:
    with pytest.raises(SettingsRefused, match=part) as refused:
        choose(MODEL, (part,), {}, ["orders"])
    assert all(name in refused.value.hint for name in OPTIONAL)


def test_only_services_have_replicas() -> None:
    with pytest.raises(SettingsRefused, match="there is no service postgres"):
        choose(MODEL, (), {"postgres": 2}, ["orders"])
