"""A system of containers that is up."""

from dataclasses import dataclass
from pathlib import Path

from pharos.docker.compose import DEFAULT_PROJECT, Compose, compose_of
from pharos.docker.containers import Container, containers_of
from pharos.docker.engine import DockerMissing, EngineUnreachable
from pharos.docker.record import DockerRecord
from pharos.docker.settings import PUBLISHED
from pharos.errors import CliError
from warden.layout import Ports, StateFolder


@dataclass(frozen=True, slots=True)
class DockerSystem:
    """Containers that were started together. Whether they run, the engine knows."""

    folder: StateFolder
    record: DockerRecord

    @property
    def ports(self) -> Ports:
        """The ports it was started with."""
        return Ports(self.record.port_base)

    @property
    def compose(self) -> Compose:
        """Compose with its settings."""
        return compose_of(self.folder, Path(self.record.root))

    def url(self, part: str) -> str:
        """The HTTP address of a part.

        Raises:
            CliError: it was left out.
        """
        if part in self.record.without:
            raise CliError(
                f"this system was started without {part}", "start it with all: ./just down, ./just up --docker"
            )
        return self.ports.url(PUBLISHED[part].port)

    def secret(self, name: str) -> str:
        """A password from the secrets folder, for example ``demo-customer``."""
        return (self.folder.docker.secrets / name).read_text().strip()


def is_up(system: DockerSystem) -> bool:
    """Whether any container of it runs. Without an engine none does.

    Raises:
        CliError: another checkout has the name, or the engine did not answer as it should.
    """
    try:
        return any(one.alive for one in own_containers(system.compose))
    except (DockerMissing, EngineUnreachable):
        return False


def own_containers(compose: Compose) -> list[Container]:
    """The containers of this system.

    Raises:
        CliError: another checkout has the name.
        DockerError: the engine does not answer.
    """
    found = containers_of(compose.project)
    others = sorted(
        {one.folder for one in found if one.folder and Path(one.folder).resolve() != compose.root.resolve()}
    )
    if others:
        raise CliError(
            f"the containers named {compose.project} belong to {others[0]}",
            f"stop them there, or have a name of your own: {_another_name(compose)}",
        )
    return found


def _another_name(compose: Compose) -> str:
    default = compose.project == DEFAULT_PROJECT
    return "./just up --docker --state DIR" if default else "--state with another DIR"
