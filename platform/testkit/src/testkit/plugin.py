"""The pytest plugin: fixtures over real servers. One server each per session (with xdist: per worker)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from testkit.servers import NatsServer, PostgresServer, nats_server, postgres_server

if TYPE_CHECKING:  # a run that asks for no database does not pay for importing Piccolo
    from chassis.persistence import Database, DatabaseSettings
    from testkit.databases import Databases


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The session's PostgreSQL server."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def nats_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """The session's NATS server with JetStream, with what earlier tests left in it."""
    with nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def nats(nats_session: NatsServer) -> NatsServer:
    """The session's NATS server, without any stream."""
    from testkit.streams import delete_streams  # noqa: PLC0415

    delete_streams(nats_session.url)
    return nats_session


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> "Databases":
    """Makes further migrated databases: `databases.create("orders")`."""
    from testkit.databases import Databases  # noqa: PLC0415

    return Databases(postgres)


@pytest.fixture(scope="session")
def service_name() -> str:
    """The service under test; a service's conftest.py overrides it. The default has chassis' own tables only."""
    return "probe"


@pytest.fixture
def database_settings(databases: "Databases", service_name: str) -> Iterator["DatabaseSettings"]:
    """The address of a fresh, migrated, empty database, deleted after the test."""
    settings = databases.create(service_name)
    yield settings
    databases.drop(settings)


@pytest_asyncio.fixture
async def database(database_settings: "DatabaseSettings") -> AsyncIterator["Database"]:
    """A fresh database with every Piccolo table of the process bound to it."""
    from chassis.persistence import Database  # noqa: PLC0415

    async with Database(database_settings) as started:
        yield started


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL that this test may kill or pause."""
    with postgres_server(tmp_path / "postgres") as server:
        yield server


@pytest.fixture
def own_nats(tmp_path: Path) -> Iterator[NatsServer]:
    """A NATS that this test may kill, pause or empty; each one starts without streams."""
    with nats_server(tmp_path / "nats") as server:
        yield server
