"""Where everything of one running system lies: its state folder and its ports."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warden.errors import SettingsRefused

DEFAULT_PORT_BASE = 7700
REPLICA_OFFSETS = range(20, 100)
_FIXED_OFFSETS: Mapping[str, int] = {
    "edge": 0,
    "lens": 1,
    "prometheus": 2,
    "nats": 3,
    "nats-monitoring": 4,
    "postgres": 5,
    "smtp": 6,
    "warden": 7,
    "mail": 8,
    # in Docker mode only
    "jaeger": 9,
    "grafana": 10,
    "loki": 11,
    "alertmanager": 12,
    "collector-health": 13,
    "toxiproxy": 14,
    "collector": 15,
}


def monitoring_of(nats: int) -> int:
    """The port of NATS' monitoring beside the one that its clients use."""
    return nats + _FIXED_OFFSETS["nats-monitoring"] - _FIXED_OFFSETS["nats"]


@dataclass(frozen=True, slots=True)
class Ports:
    """The hundred ports from ``base`` on, all on loopback."""

    base: int = DEFAULT_PORT_BASE

    def __post_init__(self) -> None:
        """Refuse a base that leaves no room for the ports above it.

        Raises:
            SettingsRefused: naming the option.
        """
        if not 1024 <= self.base <= 65535 - 99:
            raise SettingsRefused(f"--port-base {self.base} is out of range", "choose one from 1024 to 65436")

    def of(self, part: str) -> int:
        """The port of a part that always has the same one."""
        return self.base + _FIXED_OFFSETS[part]

    def url(self, part: str) -> str:
        """The HTTP address of a part that always has the same port."""
        return f"http://127.0.0.1:{self.of(part)}"

    def for_replicas(self) -> list[int]:
        """The ports from which replicas of services are given theirs."""
        return [self.base + offset for offset in REPLICA_OFFSETS]


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The paths below the folder that holds all a running system keeps."""

    path: Path

    @property
    def config(self) -> Path:
        """The user's own settings, TOML."""
        return self.path / "config.toml"

    @property
    def warden(self) -> Path:
        """Who supervises, since when and with what settings, JSON; there while a system is up."""
        return self.path / "warden.json"

    @property
    def lock(self) -> Path:
        """Held (flock) by the one warden of this folder."""
        return self.path / "warden.lock"

    @property
    def control(self) -> Path:
        """The Unix socket on which the running warden is asked to do things."""
        return self.path / "control.sock"

    @property
    def parts(self) -> Path:
        """The running processes, JSON: what the next warden adopts."""
        return self.path / "parts.json"

    @property
    def recovery(self) -> Path:
        """Restart budgets, quarantines and ejections, JSON: what outlives a warden that is killed."""
        return self.path / "recovery.json"

    @property
    def pages(self) -> Path:
        """The alerts of which owners were told, JSON: they are told once."""
        return self.data / "pages.json"

    @property
    def endpoints(self) -> Path:
        """Where the ready replicas of each service listen, JSON: what discovery reads."""
        return self.path / "endpoints.json"

    @property
    def journal(self) -> Path:
        """What was seen, decided and done, with the reasons, a JSON document a line."""
        return self.path / "journal"

    @property
    def verdicts(self) -> Path:
        """The verdicts on chaos experiments, a JSON document each."""
        return self.path / "chaos" / "verdicts"

    @property
    def docker(self) -> "StateFolder":
        """What Docker mode keeps, in a folder of its own within this one: its volumes have other passwords."""
        return StateFolder(self.path / "docker")

    @property
    def releases(self) -> Path:
        """Built releases, a folder for each service and in it one for each version."""
        return self.path / "releases"

    @property
    def environments(self) -> Path:
        """The Python environments that deployed releases run in, laid out as the releases are."""
        return self.path / "environments"

    @property
    def deployments(self) -> Path:
        """Which release of each service serves, served before, or is being rolled out, JSON."""
        return self.path / "deployments.json"

    @property
    def secrets(self) -> Path:
        """Passwords and private keys; open to their owner only."""
        return self.path / "secrets"

    @property
    def data(self) -> Path:
        """What ``down`` keeps and ``reset`` deletes."""
        return self.path / "data"

    @property
    def logs(self) -> Path:
        """Standard output and error of each part."""
        return self.path / "logs"

    def log(self, part: str) -> Path:
        """The log file of one part or replica."""
        return self.logs / f"{part}.log"


def project_root(start: Path | None = None) -> Path:
    """The checkout: the nearest folder upwards with ``services`` and ``platform``, else the one this code is in."""
    for folder in _candidates(start or Path.cwd()):
        if (folder / "services").is_dir() and (folder / "platform").is_dir():
            return folder
    raise SettingsRefused("this is not inside a Pharos checkout", "change into the folder that holds ./just")


def state_folder(root: Path, chosen: Path | str | None, environ: Mapping[str, str] = os.environ) -> StateFolder:
    """The state folder: the chosen one, else PHAROS_STATE, else ``.pharos`` in the checkout."""
    return StateFolder(Path(chosen or environ.get("PHAROS_STATE") or root / ".pharos").resolve())


def _candidates(start: Path) -> list[Path]:
    here = Path(__file__).resolve()
    return [start, *start.parents, *here.parents]
