"""The database of a service in containers: PostgreSQL's programs run in its container, migrations in the job's."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from pharos.database.errors import NoDatabase
from pharos.database.process import Command
from pharos.docker.compose import Compose
from pharos.docker.containers import Container
from pharos.docker.engine import command, own_environment
from pharos.docker.system import DockerSystem, own_containers
from pharos.docker.warden import PART as WARDEN
from warden.catalog import Service


@dataclass(frozen=True, slots=True)
class ContainerStore:
    """Reaches it through the engine; the password goes by the environment and stands in no command line."""

    service: Service
    system: DockerSystem
    server: str  # the container's ID

    @property
    def backups(self) -> Path:
        """The folder of its backups."""
        return self.system.folder.path / "backups"

    def tool(self, program: str, *arguments: str) -> Command:
        """``pg_dump`` or ``psql`` in the server's container."""
        name = self.service.name
        words = command(
            *("exec", "--interactive", "--env", "PGPASSWORD", self.server, program, "--host=127.0.0.1"),
            *(f"--username={name}", f"--dbname={name}", "--no-password", *arguments),
        )
        environment = own_environment() | {"PGPASSWORD": self.system.secret(f"db-{name}")}
        return Command(program, tuple(words), environment, self._compose.root)

    def migration(self, option: str) -> Command:
        """The service's migrations, in the container that runs them before a start."""
        name = self.service.name
        run = ("run", "--rm", "--no-deps", "--no-TTY", "--quiet-pull", "--entrypoint", "python")
        words = command(*self._compose.arguments(*run, f"{name}-migrate", "-m", "chassis.migrate", option))
        return Command(f"{name}: migrate", tuple(words), own_environment(), self._compose.root)

    def serving(self) -> tuple[list[str], str]:
        """Its containers, and what stops them; warden too, which would start them again."""
        found = [one.name for one in own_containers(self._compose) if one.part == self.service.name and one.alive]
        stop = shlex.join(["docker", *self._compose.arguments("stop", WARDEN, self.service.name)])
        return found, stop

    def before_restore(self) -> None:
        """Nothing is recorded: every start runs the migrations."""

    @property
    def _compose(self) -> Compose:
        return self.system.compose


def of_containers(system: DockerSystem, service: Service) -> ContainerStore:
    """The database in a system of containers.

    Raises:
        NoDatabase: its server does not run.
        DockerError: the engine does not answer.
    """
    server = next((one for one in own_containers(system.compose) if _serves(one)), None)
    if server is None:
        start = shlex.join(["docker", *system.compose.arguments("up", "--detach", "--wait", "postgres")])
        raise NoDatabase("the container of PostgreSQL does not run", f"start it alone with: {start}")
    return ContainerStore(service, system, server.id)


def _serves(container: Container) -> bool:
    return container.part == "postgres" and container.alive
