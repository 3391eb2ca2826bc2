"""Whether an engine is there, found out in a millisecond and without asking it anything."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

_TIMEOUT = 0.2  # seconds


def engine_at_hand(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether ``docker`` is on the PATH and something listens where its engine usually does."""
    if shutil.which("docker", path=environ.get("PATH")) is None:
        return False
    return any(_listens(place) for place in _places(environ))


def _places(environ: Mapping[str, str]) -> list[Path]:
    host = environ.get("DOCKER_HOST", "")
    if host:
        return [Path(host.removeprefix("unix://"))] if host.startswith("unix://") else []
    rootless = Path(environ.get("XDG_RUNTIME_DIR", "/nowhere")) / "docker.sock"
    return [Path("/var/run/docker.sock"), rootless, Path(environ.get("HOME", "/nowhere")) / ".docker/run/docker.sock"]


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(_TIMEOUT)
        try:
            attempt.connect(str(place))
        except OSError:
            return False
        return True
