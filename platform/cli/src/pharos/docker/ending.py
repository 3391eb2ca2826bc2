"""Ending a system of containers, and deleting what it kept."""

from pathlib import Path

from pharos.docker.compose import Compose, compose_of
from pharos.docker.engine import DockerError
from pharos.docker.record import forget, read_record
from pharos.docker.released import remove_images
from pharos.docker.system import own_containers
from pharos.errors import CliError
from warden.catalog import read_services
from warden.layout import StateFolder, project_root

_PATIENCE = 180.0  # seconds for all of it; each part has its own grace period in compose.yaml


def end_containers(folder: StateFolder, *, hurry: bool = False) -> bool:
    """Stop and remove the containers, the door first and the stores last; False if none ran. Volumes stay.

    In a ``hurry``, when nobody has been served yet, all of them are stopped at once.

    Raises:
        DockerError: the engine does not answer, and may hold some.
    """
    if not folder.docker.path.is_dir():
        return False
    record = read_record(folder)
    compose = compose_of(folder, Path(record.root) if record else project_root())
    try:
        found = own_containers(compose)
    except CliError:
        if record is None:  # nothing is known of any: there is no reason to insist
            return False
        raise
    running = {one.part for one in found if one.alive}
    if found:
        if not hurry:
            _stop_in_order(compose, running)
        compose.call("down", "--remove-orphans", timeout=_PATIENCE)
    forget(folder)
    return bool(running)


def delete_volumes(folder: StateFolder) -> None:
    """Delete the containers, if there are any, and all that the parts have stored.

    Raises:
        CliError: the engine does not answer; what it keeps is still there.
    """
    record = read_record(folder)
    compose = compose_of(folder, Path(record.root) if record else project_root())
    try:
        own_containers(compose)
        compose.call("down", "--remove-orphans", "--volumes", timeout=_PATIENCE)
        remove_images(compose.project)
    except DockerError as error:
        raise CliError(
            f"the volumes of {compose.project} cannot be deleted: {error.message}",
            f"start the engine first, or, if it is gone for good, delete {folder.docker.path} yourself",
        ) from error


def _stop_in_order(compose: Compose, running: set[str]) -> None:
    """Warden first, which would start them again, then edge, then those who use the rest.

    Compose itself knows of the stores only that they come last.
    """
    services = {service.name for service in read_services(compose.root)}
    for together in ({"warden", "edge"} & running, services & running):
        if together:
            compose.call("stop", *sorted(together), timeout=_PATIENCE)
