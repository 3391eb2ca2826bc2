"""The database of a service beside processes: of a running system, or with a server of its own while none runs."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pharos.database.errors import ToolFailed
from pharos.database.process import Command
from pharos.state import EmbeddedSystem, stop_command
from warden import lock, postgres
from warden.catalog import Service
from warden.config import read_config
from warden.database import Applied, read_applied, record
from warden.environment import Surroundings
from warden.layout import Ports, StateFolder, project_root
from warden.logs import open_log
from warden.ports import allocate
from warden.record import read_parts

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ProcessStore:
    """Reaches it at a port of this machine."""

    service: Service
    surroundings: Surroundings
    port: int

    @property
    def backups(self) -> Path:
        """The folder of its backups."""
        return self.surroundings.state.path / "backups"

    def tool(self, program: str, *arguments: str) -> Command:
        """``pg_dump`` or ``psql`` of the server's own release."""
        name = self.service.name
        address = ("--host=127.0.0.1", f"--port={self.port}", f"--username={name}", f"--dbname={name}", "--no-password")
        password = (self.surroundings.state.secrets / f"db-{name}").read_text().strip()
        environment = self.surroundings.base(name) | {"PGPASSWORD": password}
        words = (str(postgres.binaries() / program), *address, *arguments)
        return Command(program, words, environment, self.surroundings.root)

    def migration(self, option: str) -> Command:
        """The service's migrations, as warden runs them before a start."""
        name = self.service.name
        environment = self.surroundings.of_service(self.service, f"{name}-migrate", 1)
        environment["PHAROS_DATABASE_URL"] = f"postgresql://{name}@127.0.0.1:{self.port}/{name}"
        words = (sys.executable, "-m", "chassis.migrate", option)
        return Command(f"{name}: migrate", words, environment, self.surroundings.root)

    def serving(self) -> tuple[list[str], str]:
        """Its processes, and what stops them."""
        state = self.surroundings.state
        found = [part.instance for part in read_parts(state) if part.part == self.service.name and part.alive]
        return found, stop_command(state)

    def before_restore(self) -> None:
        """The next start migrates again, if this restore does not come to it."""
        state, name = self.surroundings.state, self.service.name
        record(state, name, Applied(seeded=read_applied(state).get(name, Applied()).seeded))


def of_running(system: EmbeddedSystem, service: Service) -> ProcessStore:
    """The database in a system that runs."""
    config = read_config(system.folder.config)
    surroundings = Surroundings(system.folder, system.ports, project_root(), config.environment)
    return ProcessStore(service, surroundings, system.ports.of("postgres"))


@contextmanager
def of_stopped(state: StateFolder, service: Service) -> Iterator[ProcessStore]:
    """The database of a system that does not run: its server runs within the block, and nothing else may start then.

    Raises:
        AlreadyRunning: something starts in this folder.
        ToolFailed: the server does not start.
    """
    config = read_config(state.config)
    surroundings = Surroundings(state, Ports(config.port_base), project_root(), config.environment)
    with lock.hold(state):
        data = state.data / "postgres"
        asyncio.run(postgres.clear_remains(data))
        port = allocate(reversed(surroundings.ports.for_replicas()), [], 1)[0]
        with _server(surroundings, data, port):
            yield ProcessStore(service, surroundings, port)


@contextmanager
def _server(surroundings: Surroundings, data: Path, port: int) -> Iterator[None]:
    log = surroundings.state.log("postgres")
    with open(open_log(log), "wb") as output:  # noqa: PTH123 - a descriptor
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            postgres.server_command(data, port), env=surroundings.base("postgres"), cwd=surroundings.root,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        _await_ready(process, data, log)
        yield
    finally:
        process.send_signal(postgres.STOP_SIGNAL)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: "subprocess.Popen[bytes]", data: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not postgres.ready(data):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ToolFailed("the database's server did not start", f"see {log}")
        time.sleep(0.05)
