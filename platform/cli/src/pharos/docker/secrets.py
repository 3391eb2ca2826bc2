"""The secrets of Docker mode: those of embedded mode, and Grafana's administrator; readable for the containers."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from pharos.docker.settings import Reader
from warden.catalog import Service, read_service
from warden.layout import StateFolder
from warden.secrets import ensure_secrets, wishes_of

GRAFANA = "grafana-admin"


def make_secrets(folder: StateFolder, root: Path, services: Iterable[Service], who: Reader) -> None:
    """Make what is missing, and give all of it to whom the containers run as.

    Raises:
        PartFailed: the keys could not be made.
        OSError: a file cannot be written or given away.
    """
    listed = list(services)
    databases = [service.name for service in listed if service.manifest.database]
    edge = root / "platform" / "edge"
    front = [read_service(edge)] if (edge / "service.toml").exists() else []
    signers = [service.name for service in (*listed, *front)]
    wishes = wishes_of(service.manifest for service in listed) | {GRAFANA}
    asyncio.run(ensure_secrets(folder.docker, databases, signers, wishes))
    for file in folder.docker.secrets.iterdir():
        file.chmod(who.mode)
        if os.geteuid() == 0:
            os.chown(file, who.uid, who.gid)
