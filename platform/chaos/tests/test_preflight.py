"""Whether an experiment may begin, for systems that exist on paper only: their records, and a process that lives."""

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from chaos.errors import NotInThisMode, Refused
from chaos.experiments import Experiment, Terms, read_experiments
from chaos.preflight import alone, system_for
from pharos.docker.record import DockerRecord, write_record
from pharos.state import EmbeddedSystem, find_system
from warden.identity import birth_of
from warden.layout import StateFolder
from warden.record import WardenRecord, write_parts, write_warden

ROOT = Path(__file__).parents[3]
KILL = read_experiments(ROOT)["kill"]


def experiment(**terms: object) -> Experiment:
    return replace(KILL, terms=Terms(**{"fault": "kill", **terms}))  # type: ignore[arg-type]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    birth = birth_of(os.getpid())
    assert birth
    record = WardenRecord(
        pid=os.getpid(), birth=birth, started=time.time(), port_base=20000, root=str(ROOT), replicas={"orders": 2},
        ready=True,
    )  # fmt: skip
    write_warden(StateFolder(tmp_path), record)
    write_parts(StateFolder(tmp_path), [])
    return tmp_path


def test_a_system_that_is_down_is_said_with_the_command_that_starts_it_as_needed(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        system_for(experiment(seam=True, replicas={"orders": 2}), "", tmp_path)

    assert caught.value.hint == f"start it with: ./just up --chaos --replicas orders=2 --state {tmp_path}"
    assert caught.value.exit_code == 3


def test_a_system_without_the_seam_or_the_replicas_is_refused(state: Path) -> None:
    with pytest.raises(Refused, match="needs services with a seam"):
        system_for(experiment(seam=True), "", state)
    with pytest.raises(Refused, match="needs 3 replicas of orders"):
        system_for(experiment(replicas={"orders": 3}), "", state)


def test_a_system_that_is_not_whole_is_refused(state: Path) -> None:
    with pytest.raises(Refused, match="not all of it is well"):
        system_for(experiment(), "", state)


def test_a_fault_without_a_mechanism_in_this_mode_is_refused(state: Path) -> None:
    with pytest.raises(NotInThisMode, match="not in this mode"):
        system_for(experiment(modes=("docker",)), "", state)


def test_another_services_replicas_are_not_asked_for(state: Path) -> None:
    with pytest.raises(Refused, match="not all of it is well"):
        system_for(experiment(replicas={"orders": 3}), "payments-1", state)


def test_with_containers_every_experiment_needs_toxiproxy_and_the_telemetry_of_its_steady_state(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    record = DockerRecord(
        project="pharos-paper",
        root=str(ROOT),
        port_base=20000,
        without=[],
        replicas={},
        parts={},
        versions={},
        started=0,
    )
    write_record(folder, record)
    with pytest.raises(Refused, match="needs Toxiproxy") as caught:
        system_for(experiment(modes=("docker",), replicas={"orders": 2}), "orders-1", tmp_path)
    assert "./just up --docker --chaos --replicas orders=2" in caught.value.hint

    write_record(folder, replace(record, chaos=True, without=["jaeger", "grafana"]))
    with pytest.raises(Refused, match="needs jaeger"):
        system_for(experiment(modes=("docker",)), "", tmp_path)
    with pytest.raises(NotInThisMode, match=r"not in this mode \(docker\)"):
        system_for(experiment(), "", tmp_path)


def test_two_runs_at_once_are_refused(state: Path) -> None:
    system = find_system(state)
    assert isinstance(system, EmbeddedSystem)

    with alone(system), pytest.raises(Refused, match="another experiment"), alone(system):
        pytest.fail("both began")
    with alone(system):
        pass
