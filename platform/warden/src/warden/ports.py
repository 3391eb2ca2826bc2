"""Whether the ports we need are free, and who has them if not."""

import socket
from collections.abc import Iterable, Mapping

from warden.errors import PortInUse


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def require_free(needed: Mapping[str, int], base: int) -> None:
    """Check every fixed port before anything starts.

    Raises:
        PortInUse: naming the port, the part that needs it and, where it can be known, the process that has it.
    """
    for part, port in needed.items():
        if not is_free(port):
            owner = owner_of(port)
            raise PortInUse(
                f"port {port}, which {part} needs, is in use{f' by {owner}' if owner else ''}",
                f"end that process, or choose other ports: ./just up --port-base {_another(base)}",
            )


def allocate(candidates: Iterable[int], taken: Iterable[int], count: int) -> list[int]:
    """The first free ports among the candidates.

    Raises:
        PortInUse: there are not enough.
    """
    occupied = set(taken)
    found: list[int] = []
    for port in candidates:
        if len(found) == count:
            break
        if port not in occupied and is_free(port):
            found.append(port)
    if len(found) < count:
        raise PortInUse(f"only {len(found)} of {count} ports for replicas are free", "choose another --port-base")
    return found


def owner_of(port: int) -> str | None:
    """The process that listens on the port, as ``name (pid N)``, if we may know."""
    import psutil  # noqa: PLC0415 - needed for an error message only

    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return None
    return None


def _another(base: int) -> int:
    return next((other for other in range(base + 100, 65400, 100) if is_free(other)), base)
