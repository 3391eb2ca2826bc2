"""Discovery by name: every service answers at its own name on one port (containers, Kubernetes)."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable

from loguru import logger

from chassis.discovery.model import Instance, Jwks

REFRESH_S = 5.0


class DnsDiscovery:
    """Resolves all addresses of a name, in the background, and keeps the last answer while DNS is away.

    Until the first answer a service is one instance at its name; the connection then resolves it.
    """

    def __init__(self, port: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._port = port
        self._clock = clock
        self._known: dict[str, tuple[Instance, ...]] = {}
        self._due: dict[str, float] = {}
        self._lookups: set[asyncio.Task[None]] = set()

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The addresses last resolved; starts a new look-up when they are older than five seconds."""
        now = self._clock()
        if now >= self._due.get(service, 0.0):
            self._due[service] = now + REFRESH_S
            lookup = asyncio.get_running_loop().create_task(self._refresh(service))
            self._lookups.add(lookup)
            lookup.add_done_callback(self._lookups.discard)
        known = self._known.get(service)
        return known if known is not None else (Instance(service, f"http://{service}:{self._port}"),)

    def static_jwks(self, issuer: str) -> Jwks | None:  # noqa: ARG002 - DNS carries no keys
        """Always none: what publishes no keys itself needs `KnownKeys`."""
        return None

    async def _refresh(self, service: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(service, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            if error.args and error.args[0] == socket.EAI_NONAME:
                self._known[service] = ()
            logger.debug("name {} not resolved: {}", service, error)
            return
        addresses = sorted({str(address[0]) for *_, address in found})
        self._known[service] = tuple(
            Instance(f"{service}@{address}", f"http://{_host(address)}:{self._port}") for address in addresses
        )


def _host(address: str) -> str:
    return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
