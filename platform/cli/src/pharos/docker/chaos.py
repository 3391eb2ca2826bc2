"""What `up --docker --chaos` leads connections through: Toxiproxy's configuration, and who is found there."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from pharos.docker.compose import Compose
from warden.files import write_atomically
from warden.layout import Ports

PART: Final = "toxiproxy"
STORES: Final[Mapping[str, int]] = {"postgres": 5432, "nats": 4222, "collector": 4318}
"""What has a fixed address, with its port; its proxy listens on the same one."""
_SERVES: Final = 8080
_FIRST_PORT: Final = 18001


class Proxy(msgspec.Struct, frozen=True):
    """One entry of Toxiproxy's configuration."""

    name: str
    listen: str
    upstream: str
    enabled: bool = True

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.listen.rpartition(":")[2])


def proxies(project: str, replicas: Mapping[str, int]) -> list[Proxy]:
    """One for each replica of a service, under its instance's name, and one for each store."""
    stores = [Proxy(name, f"0.0.0.0:{port}", f"{name}:{port}") for name, port in STORES.items()]
    instances = [f"{service}-{number + 1}" for service, count in replicas.items() for number in range(count)]
    return stores + [
        Proxy(instance, f"0.0.0.0:{_FIRST_PORT + number}", f"{project}-{instance}:{_SERVES}")
        for number, instance in enumerate(instances)
    ]


def discovery(listed: Iterable[Proxy]) -> str:
    """The setting by which services find each other's replicas behind their proxies."""
    return ",".join([f"dns:{_SERVES}", *_exceptions(listed)])


def lead(compose: Compose, ports: Ports, replicas: Mapping[str, int]) -> dict[str, str]:
    """Have the next start lead connections through Toxiproxy; the variables of ``compose.chaos.yaml``.

    Raises:
        OSError: its configuration cannot be written.
    """
    listed = proxies(compose.project, replicas)
    folder = compose.toxiproxy.parent
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # it is mounted, and has no secret
    write_atomically(compose.toxiproxy, msgspec.json.encode(listed), mode=0o644)
    return variables(folder, ports, listed)


def lead_nowhere(compose: Compose) -> None:
    """Have the next start do without."""
    compose.toxiproxy.unlink(missing_ok=True)


def variables(folder: Path, ports: Ports, listed: Iterable[Proxy]) -> dict[str, str]:
    """The variables of ``compose.chaos.yaml`` that ``compose.yaml`` has not."""
    return {
        "PHAROS_CHAOS": str(folder),
        "PHAROS_LED": discovery(listed),
        "PHAROS_NATS_PORT": str(ports.of("nats")),
        "PHAROS_COLLECTOR_PORT": str(ports.of("collector")),
    }


def _exceptions(listed: Iterable[Proxy]) -> Iterator[str]:
    for proxy in listed:
        if proxy.name not in STORES:
            yield f"{proxy.name.rpartition('-')[0]}={PART}:{proxy.port}"
