"""How the database of a service in containers is reached: by which calls, and where the password goes."""

from pathlib import Path

import pytest

from pharos.database.containers import ContainerStore
from pharos.docker.record import DockerRecord
from pharos.docker.system import DockerSystem
from testkit.tiny import TinyCheckout, tiny_checkout
from warden.catalog import read_service
from warden.layout import StateFolder

PASSWORD = "s3cret-of-tiny"


@pytest.fixture
def checkout(tmp_path: Path) -> TinyCheckout:
    return tiny_checkout(tmp_path)


@pytest.fixture
def store(checkout: TinyCheckout, tmp_path: Path) -> ContainerStore:
    state = StateFolder(tmp_path / "state")
    state.docker.secrets.mkdir(parents=True)
    (state.docker.secrets / "db-tiny").write_text(f"{PASSWORD}\n")
    record = DockerRecord(
        project="pharos-x", root=str(checkout.root), port_base=7700, without=[], replicas={}, parts={}, versions={},
        started=0.0,
    )  # fmt: skip
    return ContainerStore(read_service(checkout.root / "services" / "tiny"), DockerSystem(state, record), "c0ffee")


def test_postgres_own_programs_run_in_its_container_as_the_services_role(store: ContainerStore) -> None:
    command = store.tool("pg_dump", "--format=plain")

    assert command.words[:2] == ("docker", "exec")
    assert command.words[command.words.index("c0ffee") + 1] == "pg_dump"
    assert {"--username=tiny", "--dbname=tiny", "--format=plain", "--interactive"} <= set(command.words)


def test_the_password_goes_by_the_environment_and_stands_in_no_command_line(store: ContainerStore) -> None:
    for command in (store.tool("psql"), store.migration("--status")):
        assert not [word for word in command.words if PASSWORD in word]
    assert store.tool("psql").environment["PGPASSWORD"] == PASSWORD
    assert "PGPASSWORD" in store.tool("psql").words


def test_migrations_run_in_the_container_that_migrates_before_a_start(store: ContainerStore) -> None:
    words = store.migration("--json").words

    assert words[-4:] == ("tiny-migrate", "-m", "chassis.migrate", "--json")
    assert {"run", "--rm", "--no-deps", "--entrypoint"} <= set(words)
