"""Hops of the proofs about calls, started as processes, and requests to them at a fixed rate."""

import asyncio
import contextlib
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from chassis.client import ClientConfig, ServiceClient
from chassis.discovery import Instance, StaticDiscovery
from testkit.servers import free_port
from testkit.services import Neighbourhood, ServiceServer, service_server
from verify.hop import Begun

TESTS = Path(__file__).parent.parent
USER = "user"
"""Who calls the first hop."""
NAMES = ("first", "between", "front", "leaf", "quick", "stuck", "replica")
"""Of all hops; each trusts the others."""


@dataclass
class Hops:
    """Processes that find each other by name."""

    folder: Path
    neighbours: Neighbourhood
    stack: contextlib.ExitStack

    def start(self, name: str, resilience: str = "") -> ServiceServer:
        """A hop that is ready; `resilience` is what its service.toml says of that."""
        folder = self.folder / name
        folder.mkdir()
        manifest = folder / "service.toml"
        head = f'name = "{name}"\ndescription = "A hop"\nowner = "o"\npager = "p@x"\ntier = 4\ndatabase = false\n'
        manifest.write_text(head + resilience)
        environment = {
            "PHAROS_MANIFEST": str(manifest),
            "PHAROS_INSTANCE": f"{name}-1",
            "PHAROS_PORT": str(free_port()),
            "PHAROS_DISCOVERY": f"file:{self.neighbours.file}",
            "PHAROS_SIGNING_KEY_FILE": str(self.neighbours.key_file(name)),
            "PROOF_TRUSTED": ",".join((USER, *NAMES)),
            "OTEL_EXPORTER_OTLP_ENDPOINT": "",
            "PYTHONPATH": str(TESTS),
        }
        server = service_server("verify.hop", environment, folder)
        self.neighbours.place(name, server.url)
        server.start()
        self.stack.callback(server.stop)
        self.stack.callback(server.resume)
        return server

    def client(self, name: str, config: ClientConfig | None = None) -> ServiceClient:
        """A client of that hop in this process, whom the hops trust, so that they keep to the deadlines it sends."""
        return ServiceClient(
            StaticDiscovery({name: [Instance(f"{name}-1", url) for url in self.neighbours.addresses[name]]}),
            token_for=lambda audience: self.neighbours.service_token(USER, audience),
            config=config,
        )


@contextlib.contextmanager
def hops() -> Iterator[Hops]:
    """Hops that live as long as the block."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        yield Hops(folder, Neighbourhood(folder), stack)


def begun_at(server: ServiceServer) -> Begun:
    """What began at a hop."""
    return msgspec.json.decode(_text(server.url + "/begun"), type=Begun)


def metric(server: ServiceServer, name: str, service: str) -> float:
    """A hop's counter or gauge about calling a service; zero where there is none."""
    pattern = rf'^{name}\{{service_peer_name="{service}"\}} (\S+)'
    found = re.search(pattern, _text(server.url + "/metrics").decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


@dataclass(frozen=True)
class Answer:
    """How a request went, and for how long, in seconds; status 0 is none at all."""

    status: int
    seconds: float


async def ask_at_rate(session: aiohttp.ClientSession, url: str, *, rate: float, seconds: float) -> list[Answer]:
    """Ask so often a second, whether or not there were answers; a latency counts from when the request was due."""
    began = time.monotonic()
    asked: list[asyncio.Task[Answer]] = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(due - time.monotonic())
        asked.append(asyncio.create_task(ask(session, url, due)))
    return await asyncio.gather(*asked)


async def ask(session: aiohttp.ClientSession, url: str, due: float | None = None) -> Answer:
    """One request."""
    due = time.monotonic() if due is None else due
    try:
        async with session.get(url) as response:
            await response.read()
            return Answer(response.status, time.monotonic() - due)
    except (aiohttp.ClientError, TimeoutError):
        return Answer(0, time.monotonic() - due)


def _text(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        text: bytes = answer.read()
        return text
