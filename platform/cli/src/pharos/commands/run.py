"""``pharos run``."""

import os
import shlex
import sys
from pathlib import Path

import click

from pharos.docker.system import DockerSystem
from pharos.errors import CliError
from pharos.options import state_option
from pharos.state import find_system
from warden.catalog import read_services
from warden.environment import Surroundings
from warden.layout import project_root
from warden.ports import allocate


@click.command()
@click.argument("service")
@state_option
def run(*, service: str, state: Path | None) -> None:
    """Run one process of SERVICE in the foreground, beside the running system.

    It has the service's own database, keys and broker, but is not found by others, so that only you call it.
    """
    system = find_system(state)
    if isinstance(system, DockerSystem):
        raise _refused(system, service)
    root = project_root()
    known = {one.name: one for one in read_services(root)}
    if service not in known:
        raise CliError(f"there is no service {service}", f"the services are: {', '.join(known)}")
    surroundings = Surroundings(system.folder, system.ports, root)
    port = allocate(reversed(system.ports.for_replicas()), [], 1)[0]
    click.echo(f"{service} at http://127.0.0.1:{port}", err=True)
    environment = surroundings.of_service(known[service], f"{service}-{os.getpid()}", port)
    os.execve(sys.executable, [sys.executable, "-m", service], environment)  # noqa: S606 - no shell is wanted


def _refused(system: DockerSystem, service: str) -> CliError:
    """A container has ports, secrets and names of its own; what is wanted is most often changed code in its place."""
    replace = system.compose.arguments("up", "--detach", "--build", "--no-deps", service)
    return CliError(
        "run is for embedded mode, and this system runs in containers",
        f"put the present code in the place of the running one: {shlex.join(['docker', *replace])}",
    )
