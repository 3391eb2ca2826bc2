"""What can be done to a container with the engine's own means, and how it is undone."""

from signal import Signals
from typing import Final

from chaos.errors import ChaosError
from pharos.docker.containers import Container
from pharos.docker.engine import DockerError, call
from pharos.docker.system import DockerSystem, own_containers

UNLIMITED: Final = -1
PERIOD_US: Final = 100_000
"""The kernel's usual period of the CFS quota, in microseconds (sched-bwc)."""


def running(system: DockerSystem, name: str) -> Container:
    """The living container of an instance such as `orders-1`, or of a part that has one.

    Raises:
        ChaosError: there is none.
        CliError: the engine does not answer.
    """
    found = next((one for one in own_containers(system.compose) if name in {one.instance, one.part}), None)
    if found is None or found.status != "running":
        raise ChaosError(f"{name} does not run", "see what does: ./just status")
    return found


def send_signal(identifier: str, number: Signals) -> None:
    """Send the first process of a container a signal.

    Raises:
        DockerError: it does not run, or the engine does not answer.
    """
    call("container", "kill", "--signal", number.name, identifier)


def pause(identifier: str) -> None:
    """Stop all processes of a container by the freezer of its cgroup: it keeps its port and its connections.

    Raises:
        DockerError: it does not run, or the engine does not answer.
    """
    call("container", "pause", identifier)


def unpause(identifier: str) -> None:
    """Let them run on; nothing if they do already, or have been ended meanwhile.

    Raises:
        DockerError: it stays paused, or the engine does not answer.
    """
    try:
        call("container", "unpause", identifier)
    except DockerError:
        if _status(identifier) == "paused":
            raise


def limit_cpu(identifier: str, quota_us: int) -> None:
    """Let a container use so much of the processors in each period and no more; `UNLIMITED` for as much as there is.

    Raises:
        DockerError: the engine does not answer, or cannot do it.
    """
    call("container", "update", f"--cpu-period={PERIOD_US}", f"--cpu-quota={quota_us}", identifier)


def unlimit_cpu(identifier: str) -> None:
    """Undo that; nothing if there is no such container any more.

    Raises:
        DockerError: the engine does not answer, or cannot do it.
    """
    try:
        limit_cpu(identifier, UNLIMITED)
    except DockerError:
        if _status(identifier):
            raise


def delete_within(container: Container, image: str, path: str) -> None:
    """Delete a path of a container's volumes, by another container that is given them for the moment.

    Raises:
        DockerError: it could not be deleted.
    """
    user = call("container", "inspect", "--format", "{{.Config.User}}", container.id).strip()
    hardened = ("--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never")
    what = (f"--user={user}", f"--volumes-from={container.id}", "--entrypoint=rm", image, "-r", path)
    call("container", "run", "--rm", *hardened, *what)


def _status(identifier: str) -> str:
    """Such as running; empty if there is no such container any more."""
    return call("container", "ls", "--all", "--filter", f"id={identifier}", "--format", "{{.State}}").strip()
