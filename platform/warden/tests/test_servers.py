"""PostgreSQL and NATS as they are really run."""

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from testkit import free_port, wait_until
from warden import nats, postgres
from warden.layout import monitoring_of
from warden.ports import is_free
from warden.probe import liveness_of, probe_of


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster")
    postgres.write_password(folder / "password", "se'cret")
    postgres.initialise(folder / "data", folder / "password", durable=False)
    return folder / "data"


def spawned(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)


class Server:
    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        await postgres.clear_remains(self.data)
        self.process = spawned(postgres.server_command(self.data, self.port), self.data.parent / "log")
        await wait_until(lambda: postgres.ready(self.data))

    async def connect(self, user: str, password: str, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(host="127.0.0.1", port=self.port, user=user, password=password, database=database)


@pytest.fixture
def server(cluster: Path) -> Iterator[Server]:
    server = Server(cluster)
    yield server
    asyncio.run(postgres.clear_remains(cluster))


async def test_a_service_reaches_its_own_database_only_and_by_password_only(server: Server) -> None:
    await server.start()
    assert await probe_of("postgres", server.port)() is None
    admin = await server.connect("postgres", "se'cret", "postgres")
    await admin.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
    for name in ("one", "two"):
        for statement in postgres.role_statements(name, f"{name}'s"):
            await admin.execute(statement)
    await admin.close()

    own = await server.connect("one", "one's", "one")
    assert await own.fetchval("SELECT current_user") == "one"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await own.execute("CREATE ROLE three")
    await own.close()
    for database in ("two", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await server.connect("one", "one's", database)
    for user, password in (("one", "wrong"), ("postgres", ""), ("two", "one's")):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await server.connect(user, password, "one")


async def test_after_a_kill_the_server_starts_again_with_what_was_committed(server: Server) -> None:
    await server.start()
    connection = await server.connect("postgres", "se'cret", "postgres")
    await connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer")
    assert server.process is not None
    server.process.kill()
    server.process.wait()

    await server.start()

    again = await server.connect("postgres", "se'cret", "postgres")
    assert await again.fetchval("SELECT answer FROM kept") == 42
    await again.close()


async def test_a_pid_file_whose_pid_is_another_process_by_now_does_not_prevent_the_start(server: Server) -> None:
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n\n127.0.0.1\n0 0\nready\n")

    await server.start()


async def test_a_server_that_nobody_supervises_any_more_is_ended_before_a_new_one(server: Server) -> None:
    await server.start()
    first = server.process
    assert first is not None

    await server.start()

    assert first.wait(5) == 0


def test_an_interrupted_initialisation_is_done_anew(tmp_path: Path) -> None:
    postgres.write_password(tmp_path / "password", "x")
    (tmp_path / "data.unfinished" / "base").mkdir(parents=True)

    postgres.initialise(tmp_path / "data", tmp_path / "password", durable=False)

    assert (tmp_path / "data" / "PG_VERSION").exists()
    assert not (tmp_path / "data.unfinished").exists()
    assert "trust" not in (tmp_path / "data" / "pg_hba.conf").read_text()


async def test_nats_serves_jetstream_and_keeps_the_store_where_it_is_told(tmp_path: Path) -> None:
    port = _free_pair()
    configuration = nats.configuration(tmp_path / 'a "store"', port, monitoring_port=monitoring_of(port))
    (tmp_path / "nats.conf").write_text(configuration)
    process = spawned(nats.server_command(tmp_path / "nats.conf"), tmp_path / "log")
    try:
        await wait_until(lambda: _ready(port), timeout=20)
        assert (tmp_path / 'a "store"' / "jetstream").is_dir()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, 1}


async def test_nats_that_cannot_store_is_alive_but_not_ready_until_it_is_started_anew(tmp_path: Path) -> None:
    port = _free_pair()
    configuration = nats.configuration(tmp_path, port, monitoring_port=monitoring_of(port), durable=False)
    (tmp_path / "nats.conf").write_text(configuration)
    process = spawned(nats.server_command(tmp_path / "nats.conf"), tmp_path / "log")
    try:
        await wait_until(lambda: _ready(port), timeout=20)
        unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        await _store(port)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (64, unlimited[1]))
        with pytest.raises(NatsError):
            await _store(port)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)

        assert await _alive(port)
        assert not await _ready(port)

        process.send_signal(signal.SIGTERM)
        process.wait(10)
        process = spawned(nats.server_command(tmp_path / "nats.conf"), tmp_path / "log")
        await wait_until(lambda: _ready(port), timeout=20)
        await _store(port)
    finally:
        process.kill()
        process.wait(10)


def _free_pair() -> int:
    return next(port for port in iter(free_port, None) if is_free(monitoring_of(port)))


async def _store(port: int) -> None:
    client = Client()
    await client.connect(f"nats://127.0.0.1:{port}")
    try:
        stream = client.jetstream(timeout=2)
        await stream.add_stream(name="s", subjects=["s"])
        await stream.publish("s", b"x" * 1000)
    finally:
        await client.close()


async def _ready(port: int) -> bool:
    return await probe_of("nats", port)() is None


async def _alive(port: int) -> bool:
    probe = liveness_of("nats", port)
    assert probe is not None
    return await probe() is None
