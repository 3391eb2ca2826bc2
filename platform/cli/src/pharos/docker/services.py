"""Where services of a system of containers can be reached from this machine: on ports that the engine chose."""

from collections.abc import Sequence

from pharos.docker.system import DockerSystem, own_containers


def published_services(system: DockerSystem, service: str) -> Sequence[str]:
    """The addresses of a service's containers that run; a container has another port after each of its starts.

    Raises:
        CliError: another checkout has the project's name.
        DockerError: the engine does not answer.
    """
    found = own_containers(system.compose)
    return [
        f"http://127.0.0.1:{one.port}" for one in found if one.part == service and one.status == "running" and one.port
    ]
