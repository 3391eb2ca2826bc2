from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos.errors import InvalidExperiment, Refused, UnknownExperiment
from chaos.experiments import Experiment, find_experiment, read_experiment, read_experiments
from chaos.main import drawn
from chaos.preflight import target_of

ROOT = Path(__file__).parents[3]
KNOWN = read_experiments(ROOT)
STEADY = {"order_can_be_placed", "trace_is_complete", "audit_is_clean"}
each = pytest.mark.parametrize("experiment", KNOWN.values(), ids=KNOWN)


@each
def test_every_experiment_declares_its_steady_state_and_undoes_its_fault(experiment: Experiment) -> None:
    document = experiment.document
    probes = document["steady-state-hypothesis"]["probes"]

    assert {probe["provider"]["func"] for probe in probes} == STEADY
    assert document["rollbacks"][-1]["provider"]["func"] == "lift"


@each
def test_a_run_finds_its_target_and_leaves_the_experiment_as_it_was(experiment: Experiment) -> None:
    session = object()
    document = experiment.aimed_at("orders-1", session)

    assert document["configuration"]["session"] is session
    assert document["configuration"]["target"] == "orders-1"
    assert "session" not in experiment.document.get("configuration", {})


def test_an_unknown_experiment_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UnknownExperiment) as caught:
        find_experiment(KNOWN, "meteor")

    assert "kill" in caught.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"extensions": []},
        {"extensions": [{"name": "pharos"}]},
        {"extensions": [{"name": "pharos", "fault": "kill", "tragets": ["orders-1"]}]},
        {
            "method": [
                {"name": "x", "type": "action", "provider": {"type": "python", "module": "chaos", "func": "gone"}}
            ]
        },
        {"method": None},
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(yaml.safe_dump(KNOWN["kill"].document | change))

    with pytest.raises(InvalidExperiment, match=r"wrong\.yaml"):
        read_experiment(file)


def test_a_target_that_an_experiment_cannot_hit_is_refused() -> None:
    kill = KNOWN["kill"]

    assert target_of(kill, None) == "orders-1"
    assert target_of(kill, "payments-1") == "payments-1"
    with pytest.raises(Refused, match="cannot hit postgres"):
        target_of(kill, "postgres")


def test_terms_that_differ_with_containers_count_there_alone() -> None:
    lens = KNOWN["lens-down"]

    assert lens.in_mode("embedded") == lens
    assert target_of(lens.in_mode("docker"), None) == "collector"
    assert lens.in_mode("docker").terms.bounds == lens.terms.bounds


@each
def test_what_differs_with_containers_is_said_of_those_only_that_are_made_there(experiment: Experiment) -> None:
    terms = experiment.terms
    assert "docker" in terms.modes or terms.in_mode("docker") == terms


def test_the_seed_decides_what_is_drawn() -> None:
    known = list(KNOWN.values())

    def names(seed: int, count: int | None = None) -> list[tuple[str, str]]:
        return [(one.name, target) for one, target in drawn(known, seed, count)]

    assert names(7) == names(7)
    assert any(names(7) != names(seed) for seed in range(8, 20))
    assert sorted(name for name, _ in names(7)) == sorted(KNOWN)
    assert len(names(7, 2 * len(known) + 1)) == 2 * len(known) + 1
