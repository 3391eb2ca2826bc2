"""Which database a command means."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pharos.database.errors import NoDatabase
from pharos.database.store import Store
from pharos.state import find_docker, find_embedded, folder_of
from warden.catalog import Service, read_services
from warden.database import read_applied
from warden.layout import project_root


@contextmanager
def store_of(service: str, state: Path | None) -> Iterator[Store]:
    """The database of this service in the system of this folder; usable within the block.

    Raises:
        NoDatabase: there is none.
        AlreadyRunning: the system is just starting.
    """
    wanted, folder = _service(service), folder_of(state)
    if (running := find_embedded(folder)) is not None:
        from pharos.database.processes import of_running  # noqa: PLC0415

        yield of_running(running, wanted)
    elif (containers := find_docker(folder)) is not None:
        from pharos.database.containers import of_containers  # noqa: PLC0415 - in Docker mode only

        yield of_containers(containers, wanted)
    elif service in read_applied(folder):
        from pharos.database.processes import of_stopped  # noqa: PLC0415

        with of_stopped(folder, wanted) as store:
            yield store
    else:
        raise NoDatabase(f"there is no database of {service} in {folder.path}", "make one with: ./just up")


def _service(name: str) -> Service:
    known = {one.name: one for one in read_services(project_root()) if one.manifest.database}
    if name not in known:
        raise NoDatabase(f"there is no service {name} with a database", f"those are: {', '.join(known)}")
    return known[name]
