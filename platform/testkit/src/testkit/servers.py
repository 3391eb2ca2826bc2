"""Real servers for tests: the same binaries and command lines that the running system uses, without durability."""

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from warden import nats as warden_nats
from warden import postgres as warden_postgres

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0


class ServerFailed(Exception):
    """A server ended or did not become ready; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A server process that can be killed, paused and started again on the same port and data.

    Attributes:
        command: its command line.
        port: where it listens on 127.0.0.1.
        log: the file with its output.
        is_ready: whether it takes connections.
        stop_signal: what ends it in order.
    """

    command: Sequence[str]
    port: int
    log: Path
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            ServerFailed: it ended, or was not ready in time.
        """
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{self.command[-1]}: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order; kill it when that takes too long."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """End the hang."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(number)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class PostgresServer(Server):
    """A PostgreSQL cluster of the test session."""

    password: str = ""

    def url(self, database: str = "postgres") -> str:
        """The address of a database for the superuser, without the password."""
        return f"postgresql://{warden_postgres.SUPERUSER}@127.0.0.1:{self.port}/{database}"


@dataclass
class NatsServer(Server):
    """A NATS server with JetStream."""

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://127.0.0.1:{self.port}"


@contextlib.contextmanager
def postgres_server(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A PostgreSQL of one's own in `folder`; ready within the block, gone after it."""
    folder.mkdir(parents=True, exist_ok=True)
    data, password_file = folder / "data", folder / "password"
    password = secrets.token_urlsafe(16)
    password_file.write_text(password)
    warden_postgres.initialise(data, password_file, durable=False)
    options = {**warden_postgres.SETTINGS, **warden_postgres.NOT_DURABLE, **(settings or {})}
    port = free_port()
    server = PostgresServer(
        command=warden_postgres.server_command(data, port, options),
        port=port,
        log=folder / "postgres.log",
        is_ready=lambda: warden_postgres.ready(data),
        stop_signal=signal.Signals(warden_postgres.STOP_SIGNAL),
        password=password,
    )
    with _running(server):
        yield server


@contextlib.contextmanager
def nats_server(folder: Path) -> Iterator[NatsServer]:
    """A NATS with JetStream of one's own in `folder`; ready within the block, gone after it."""
    folder.mkdir(parents=True, exist_ok=True)
    port, store, configuration = free_port(), folder / "store", folder / "nats.conf"
    configuration.write_text(warden_nats.configuration(store, port, durable=False))
    server = NatsServer(
        command=warden_nats.server_command(configuration),
        port=port,
        log=folder / "nats.log",
        is_ready=lambda: _accepts(port),
    )
    with _running(server):
        yield server
    shutil.rmtree(store, ignore_errors=True)


@contextlib.contextmanager
def _running(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.resume()
        server.stop()


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False
