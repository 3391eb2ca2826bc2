"""The containers of a system as the engine knows them, whoever started or stopped them."""

from typing import Self

import msgspec

from pharos.docker.engine import DockerError, call

_ATTEMPTS = 3
_LABEL = "com.docker.compose"
_KEPT = "pharos.alive"


class _Health(msgspec.Struct, rename="pascal"):
    status: str = ""


class _State(msgspec.Struct, rename="pascal"):
    status: str
    exit_code: int = 0
    pid: int = 0
    finished_at: str = ""
    health: _Health | None = None


class _Config(msgspec.Struct, rename="pascal"):
    image: str = ""
    labels: dict[str, str] | None = None


class _Binding(msgspec.Struct, rename="pascal"):
    host_port: str = ""


class _Network(msgspec.Struct, rename="pascal"):
    ports: dict[str, list[_Binding] | None] | None = None  # by port of the container: "8080/tcp"


class _Inspected(msgspec.Struct, rename="pascal"):
    id: str
    name: str
    state: _State
    config: _Config
    network_settings: _Network | None = None
    restart_count: int = 0


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """One container."""

    id: str
    name: str  # "pharos-orders-1"
    part: str  # "orders"
    number: int
    status: str  # created, running, paused, restarting, removing, exited or dead
    health: str = ""  # starting, healthy or unhealthy; empty without a health check
    exit_code: int = 0
    pid: int = 0  # on the engine's machine
    finished: str = ""  # when a process in it last ended
    restarts: int = 0
    port: int = 0  # of this machine, that leads to its published one; 0 while there is none
    image: str = ""  # "pharos-orders:dev"
    folder: str = ""  # the checkout it was made from
    one_off: bool = False  # of a ``docker compose run``
    kept: bool = False  # by warden, which starts it again when it ends

    @classmethod
    def of(cls, found: _Inspected) -> Self:
        """From what ``docker inspect`` says."""
        labels = found.config.labels or {}
        return cls(
            id=found.id,
            name=found.name.lstrip("/"),
            part=labels.get(f"{_LABEL}.service", ""),
            number=int(labels.get(f"{_LABEL}.container-number", "1")),
            status=found.state.status,
            health=found.state.health.status if found.state.health else "",
            exit_code=found.state.exit_code,
            pid=found.state.pid,
            finished=found.state.finished_at,
            restarts=found.restart_count,
            port=_port(found.network_settings),
            image=found.config.image,
            folder=labels.get(f"{_LABEL}.project.working_dir", ""),
            one_off=labels.get(f"{_LABEL}.oneoff", "False") == "True",
            kept=_KEPT in labels,
        )

    @property
    def instance(self) -> str:
        """The name that warden knows it by: ``orders-1``."""
        return f"{self.part}-{self.number}"

    @property
    def alive(self) -> bool:
        """Whether a process runs in it, or will again by itself."""
        return self.status in {"running", "paused", "restarting"}


def containers_of(project: str) -> list[Container]:
    """Every container of a project, those that have ended too.

    Raises:
        DockerError: the engine does not answer.
    """
    for attempt in range(_ATTEMPTS):
        ids = call("container", "ls", "--all", "--quiet", "--no-trunc", *_of_project(project)).split()
        if not ids:
            return []
        try:
            return _inspect(ids)
        except DockerError:  # one of them may have been removed meanwhile
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def volumes_of(project: str) -> list[str]:
    """The names of its volumes.

    Raises:
        DockerError: the engine does not answer.
    """
    return call("volume", "ls", "--quiet", *_of_project(project)).split()


def logs_of(container: Container, lines: int) -> list[str]:
    """The last lines that a container wrote, of both its outputs."""
    return call("container", "logs", "--tail", str(lines), container.id, both=True).splitlines()


def _inspect(ids: list[str]) -> list[Container]:
    found = msgspec.json.decode(call("container", "inspect", *ids), type=list[_Inspected])
    containers = [Container.of(one) for one in found]
    return sorted(
        (one for one in containers if not one.one_off), key=lambda container: (container.part, container.number)
    )


def _port(network: _Network | None) -> int:
    """Docker lists a port that is exposed, but not published, with no binding."""
    bound = sorted((network.ports if network and network.ports else {}).items())
    found = [binding.host_port for _, bindings in bound for binding in bindings or ()]
    return next((int(port) for port in found if port.isdecimal()), 0)


def _of_project(project: str) -> tuple[str, ...]:
    return ("--filter", f"label={_LABEL}.project={project}")
