"""Finding the running system: its folder, its ports, its secrets, where its services listen."""

from dataclasses import dataclass
from pathlib import Path

from pharos.docker.record import read_record
from pharos.docker.system import DockerSystem
from pharos.errors import CliError, NotRunning
from warden.config import read_config
from warden.layout import Ports, StateFolder, project_root, state_folder
from warden.record import WardenRecord, read_parts, read_warden


@dataclass(frozen=True, slots=True)
class EmbeddedSystem:
    """Processes that a warden keeps up. Its warden may be dead: what it started serves on."""

    folder: StateFolder
    record: WardenRecord

    @property
    def ports(self) -> Ports:
        """The ports it was started with."""
        return Ports(self.record.port_base)

    def url(self, part: str) -> str:
        """The HTTP address of edge, lens or prometheus."""
        return self.ports.url(part)

    def secret(self, name: str) -> str:
        """A password from the secrets folder, for example ``demo-customer``."""
        return (self.folder.secrets / name).read_text().strip()


System = EmbeddedSystem | DockerSystem
"""A system that is up, in either mode: both have ports, addresses and secrets."""


def folder_of(chosen: Path | None) -> StateFolder:
    """The state folder that ``--state`` means."""
    return state_folder(project_root(), chosen)


def refuse_foreign(folder: StateFolder) -> None:
    """Make sure that what is in the folder is ours: ``up`` closes it to others, ``reset`` deletes from it.

    Raises:
        CliError: it holds other things.
    """
    ours = (folder.lock, folder.config, folder.log("warden"), folder.releases)
    if folder.path == project_root() / ".pharos" or any(file.exists() for file in ours):
        return
    if folder.path.exists() and any(folder.path.iterdir()):
        raise CliError(f"{folder.path} holds other things than Pharos's state", "choose an empty or a new folder")


def find_system(chosen: Path | None = None) -> System:
    """The running system of this folder, in the mode that it was started in.

    Raises:
        NotRunning: nothing of it runs.
    """
    folder = folder_of(chosen)
    system = find_embedded(folder) or find_docker(folder)
    if system is None:
        raise NotRunning(str(folder.path))
    return system


def stop_command(folder: StateFolder) -> str:
    """What stops the system of this folder."""
    return "./just down" if folder.path == project_root() / ".pharos" else f"./just down --state {folder.path}"


def find_embedded(folder: StateFolder) -> EmbeddedSystem | None:
    """The processes of this folder, None if none lives."""
    record = read_warden(folder)
    if record is None or not (record.alive or any(part.alive for part in read_parts(folder))):
        return None
    return EmbeddedSystem(folder, record)


def in_containers(folder: StateFolder) -> bool:
    """Whether the system of this folder is, or would be started, in Docker mode."""
    if find_embedded(folder) is not None:
        return False
    return find_docker(folder) is not None or read_config(folder.config).mode == "docker"


def find_docker(folder: StateFolder) -> DockerSystem | None:
    """The containers of this folder by their record, None if there is none; the engine is not asked."""
    record = read_record(folder)
    return None if record is None else DockerSystem(folder, record)
