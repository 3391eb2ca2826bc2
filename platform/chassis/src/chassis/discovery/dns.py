"""Discovery by name: every service answers at its own name on one port (containers, Kubernetes)."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Sequence

from loguru import logger

from chassis.discovery.model import Instance, Jwks
from chassis.discovery.readiness import wants_requests
from chassis.discovery.trial import trial_name, trial_weight

REFRESH_S = 2.0
"""As long may a caller still choose who has left, or not yet know who came: whoever leaves waits longer than that."""
Ask = Callable[[str, int], Awaitable[bool | None]]


class DnsDiscovery:
    """Resolves all addresses of a name, in the background, and keeps the last answer while DNS is away.

    A name knows neither who is still starting nor who is about to leave. So where there is a choice, each replica is
    asked; those that want no requests are left out, unless nobody wants any. Replicas under the trial name of a
    service get a tenth of its requests. Until the first answer a service is one instance at its name; the connection
    then resolves it.
    """

    def __init__(self, port: int, *, clock: Callable[[], float] = time.monotonic, ask: Ask = wants_requests) -> None:
        self._port = port
        self._clock = clock
        self._ask = ask
        self._known: dict[str, tuple[Instance, ...]] = {}
        self._due: dict[str, float] = {}
        self._lookups: set[asyncio.Task[None]] = set()

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The addresses last resolved; starts a new look-up when they are older than two seconds."""
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
        full, trial = await asyncio.gather(self._resolved(service), self._resolved(trial_name(service)))
        if full is None:
            return
        if len(full) > 1 or trial:
            used = {instance.id for instance in self._known.get(service, ())}
            wanting, trial = await asyncio.gather(
                self._wanting(service, full, used), self._wanting(service, trial or [], used)
            )
            full = wanting or full
        weight = trial_weight(len(full), len(trial)) if trial else 0.0
        found = (
            *(self._instance(service, address) for address in full),
            *(self._instance(service, address, weight) for address in trial or ()),
        )
        if found != self._known.get(service):
            self._known[service] = found

    async def _resolved(self, name: str) -> list[str] | None:
        """Its addresses; none for a name that does not exist, and None while that cannot be known."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            logger.debug("name {} not resolved: {}", name, error)
            return [] if error.args and error.args[0] == socket.EAI_NONAME else None
        return sorted({str(address[0]) for *_, address in found})

    async def _wanting(self, service: str, addresses: Sequence[str], used: set[str]) -> list[str]:
        """Those that want requests; one that says nothing is in if it was before."""
        said = await asyncio.gather(*(self._ask(address, self._port) for address in addresses))
        return [
            address
            for address, wants in zip(addresses, said, strict=True)
            if wants or (wants is None and _id(service, address) in used)
        ]

    def _instance(self, service: str, address: str, weight: float = 1.0) -> Instance:
        return Instance(_id(service, address), f"http://{_host(address)}:{self._port}", weight)


def _id(service: str, address: str) -> str:
    return f"{service}@{address}"


def _host(address: str) -> str:
    return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
