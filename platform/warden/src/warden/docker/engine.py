"""The containers of this project as warden sees and moves them: through the proxy of the engine's socket."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from warden.errors import WardenError
from warden.probe import http_answer

PROXY = Path("/run/pharos/engine.sock")
_COMPOSE = "com.docker.compose"
_ALIVE, _READY, _UNREADY = "pharos.alive", "pharos.ready", "pharos.unready"
_TRIAL, _RELEASE = "pharos.trial", "pharos.release"
_LOOK_SECONDS = 5.0
_ACT_SECONDS = 120.0  # the engine answers when it is done, which a container's own grace period may delay
_CODE = re.compile(r"Exited \((\d+)\)")
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
Verb = Literal["start", "stop", "restart"]


class EngineFailed(WardenError):
    """The proxy or the engine behind it refused something, or did not answer; ``kind`` is the proxy's reason."""

    reason = "engine-failed"

    def __init__(self, message: str, kind: str = "unreachable") -> None:
        """What to look at is the same for all of them."""
        super().__init__(message, "see what the proxy wrote: docker compose logs docker-proxy")
        self.kind = kind


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """One container that warden keeps, or judges."""

    id: str
    part: str  # "orders"
    number: int
    state: str  # created, running, paused, restarting, removing, exited or dead
    health: str = ""  # healthy, unhealthy or starting, by the engine's own check; empty without one
    code: int | None = None  # of the exit
    address: str = ""  # on the network that warden shares with it
    alive: str = ""  # how it is seen to be alive: ``engine``, or ``PORT/PATH``; empty: it is not kept
    ready: str = ""  # how to be ready: ``PORT/PATH``; empty: as it is alive
    stuck: bool = False  # once unready it remains so until it is started anew
    trial: str = ""  # the service of which it is a release on trial; empty for all others
    release: str = ""  # which one

    @property
    def instance(self) -> str:
        """The name that people use: ``orders-1``."""
        return f"{self.part}-{self.number}"

    @property
    def lives(self) -> bool:
        """Whether it has a process, be it one that the engine has stopped for a while."""
        return self.state in {"running", "paused"}


class _Listed(msgspec.Struct, rename="pascal"):
    id: str
    state: str
    status: str = ""
    labels: dict[str, str] = {}
    addresses: dict[str, str] = {}


class _Refusal(msgspec.Struct):
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine behind the proxy at a Unix socket."""

    proxy: Path = PROXY

    async def listed(self) -> list[Container]:
        """The containers that warden has to do with, whatever state they are in: it keeps them, or they are on trial.

        Raises:
            EngineFailed: it does not answer.
        """
        body = await self._ask("GET", "/containers/json", _LOOK_SECONDS)
        found = [_container(one) for one in msgspec.json.decode(body, type=list[_Listed])]
        return sorted((one for one in found if one.alive or one.trial), key=lambda one: (one.part, one.number))

    async def act(self, verb: Verb, container: Container, *, grace: int | None = None) -> None:
        """Start, stop or restart a container; it has ``grace`` seconds to end, else as many as it says itself.

        Raises:
            EngineFailed: it could not be done, or there is no such container any more.
        """
        seconds = "" if grace is None or verb == "start" else f"?t={grace}"
        await self._ask("POST", f"/containers/{container.id}/{verb}{seconds}", _ACT_SECONDS)

    async def _ask(self, method: str, target: str, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_unix_connection(str(self.proxy))
                try:
                    writer.write(f"{method} {target} HTTP/1.1\r\nHost: docker-proxy\r\n\r\n".encode())
                    status, body = http_answer(await reader.read())
                finally:
                    writer.close()
        except OSError as error:  # a timeout too
            raise EngineFailed(f"no answer from {self.proxy}: {error!r}") from None
        if status != 200:
            refusal = msgspec.json.decode(body, type=_Refusal)
            raise EngineFailed(refusal.message, refusal.reason)
        return body


def _container(found: _Listed) -> Container:
    code, health = _CODE.search(found.status), _HEALTH.search(found.status)
    one_off = found.labels.get(f"{_COMPOSE}.oneoff") == "True"
    return Container(
        id=found.id,
        part=found.labels.get(f"{_COMPOSE}.service", ""),
        number=int(found.labels.get(f"{_COMPOSE}.container-number", "1")),
        state=found.state,
        health=health[1] if health else "",
        code=int(code[1]) if code else None,
        address=next((address for address in found.addresses.values() if address), ""),
        alive="" if one_off else found.labels.get(_ALIVE, ""),
        ready=found.labels.get(_READY, ""),
        stuck=found.labels.get(_UNREADY) == "restart",
        trial="" if one_off else found.labels.get(_TRIAL, ""),
        release=found.labels.get(_RELEASE, ""),
    )
