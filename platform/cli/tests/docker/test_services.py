"""Where services in containers are reached: what the engine says, at the moment of asking."""

import os
from collections.abc import Callable, Sequence

import pytest
from cli_process import Cli
from miniature import Engine
from starting import start

from pharos.docker.engine import DockerError
from pharos.docker.record import read_record
from pharos.docker.services import published_services
from pharos.docker.system import DockerSystem
from warden.layout import StateFolder

Addresses = Callable[[str], Sequence[str]]
ENGINES_CHOICE = 30_000


@pytest.fixture
def addresses(cli: Cli, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """Asks a system in which the service has two containers."""
    engine.has("published", {"tiny": ENGINES_CHOICE})
    start(cli, "--replicas", "tiny=2")
    monkeypatch.setenv("PATH", os.fspath(engine.path))
    folder = StateFolder(cli.state)
    record = read_record(folder)
    assert record is not None
    system = DockerSystem(folder, record)
    return lambda service: published_services(system, service)


def test_each_container_has_an_address_of_its_own(addresses: Addresses) -> None:
    assert addresses("tiny") == ["http://127.0.0.1:30001", "http://127.0.0.1:30002"]


def test_a_container_that_does_not_run_has_none_and_comes_back_with_another(
    addresses: Addresses, engine: Engine
) -> None:
    containers = engine.get("containers")
    first, second = (one for one in containers if one["Name"].endswith(("-tiny-1", "-tiny-2")))
    first["State"]["Status"] = "restarting"
    second["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostPort"] = "30009"
    engine.has("containers", containers)

    assert addresses("tiny") == ["http://127.0.0.1:30009"]


def test_what_publishes_nothing_has_none(addresses: Addresses) -> None:
    assert addresses("store") == []
    assert addresses("nobody") == []


def test_an_engine_that_does_not_answer_is_told(addresses: Addresses, engine: Engine) -> None:
    engine.has("broken", "Cannot connect to the Docker daemon")

    with pytest.raises(DockerError, match="no Docker engine answers"):
        addresses("tiny")


def test_status_shows_the_port_of_each_container(cli: Cli, addresses: Addresses) -> None:
    (tiny,) = [part for part in cli.document("status")["services"] if part["name"] == "tiny"]

    assert addresses("tiny")
    assert [instance["port"] for instance in tiny["instances"]] == [30_001, 30_002]
