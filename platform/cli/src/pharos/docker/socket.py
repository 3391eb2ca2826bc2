"""Where the engine's socket is, for the one container that is given it, and which group may use it there."""

import re
import stat
from pathlib import Path
from typing import NamedTuple

from pharos.docker.engine import call

_USUAL = "/var/run/docker.sock"


class EngineSocket(NamedTuple):
    """A path on the engine's machine, and a group by its number in a container."""

    path: str
    group: int


def engine_socket(*, remapped: bool) -> EngineSocket:
    """The socket that ``docker`` itself uses, if it is one of this machine; else where every engine has its own.

    Raises:
        DockerError: there is no docker.
    """
    host = call("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
    return socket_of(host, remapped=remapped)


def socket_of(host: str, *, remapped: bool) -> EngineSocket:
    """From docker's own address of the engine.

    A rootless engine's user is root in its containers, and that user's group is root's; so is the socket's of an engine
    in a virtual machine.
    """
    found = re.fullmatch(r"unix://(/.+)", host)
    try:
        status = Path(found[1]).stat() if found else None
    except OSError:
        status = None
    if found is None or status is None or not stat.S_ISSOCK(status.st_mode):
        return EngineSocket(_USUAL, 0)
    return EngineSocket(found[1], 0 if remapped else status.st_gid)
