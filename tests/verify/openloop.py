"""Open-loop load against the service of known capacity, and what became of each request."""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from pharos.openloop import Sample, drive, percentile
from testkit import wait_until
from testkit.servers import free_port

MANIFEST = 'name="worker"\ndescription="x"\nowner="o"\npager="p"\ntier=1\ndatabase=false\n'
PROBE_EVERY_S = 0.2
TESTS = Path(__file__).parents[1]
CORES = sorted(os.sched_getaffinity(0))


@dataclass
class Traffic:
    """What became of the requests of one kind; `samples` has all, in the order in which they ended."""

    samples: list[Sample] = field(default_factory=list)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    """Answers that are neither right nor a proper refusal."""

    @property
    def good(self) -> int:
        """Requests answered rightly."""
        return sum(sample.ok for sample in self.samples)

    @property
    def p99_ms(self) -> float:
        """Of those answered rightly, from the scheduled start."""
        return percentile([sample.latency_ms for sample in self.samples if sample.ok], 99)

    @property
    def lag_ms(self) -> float:
        """How late the generator itself was, p99."""
        return percentile([sample.lag_ms for sample in self.samples], 99)


class Worker:
    """The running service and a client of it."""

    def __init__(self, url: str, http: ClientSession) -> None:
        self._url = url
        self._http = http
        self._number = 0
        self.sick: list[str] = []
        """What health probes answered other than 200."""

    async def send(self, times: Iterator[float], traffic: Traffic, priority: str) -> None:
        """Send requests at these times, in seconds from now, and await every answer."""

        async def one() -> tuple[bool, str]:
            self._number += 1
            return await self._ask(self._number, traffic, priority), ""

        await drive(times, one, traffic.samples)

    async def _ask(self, number: int, traffic: Traffic, priority: str) -> bool:
        try:
            async with self._http.get(f"{self._url}/work/{number}", headers={"X-Request-Priority": priority}) as answer:
                document = await answer.json(content_type=None)
                if answer.status == 200 and document == {"twice": 2 * number}:
                    return True
                if _is_refusal(answer.status, answer.headers.get("Retry-After", ""), document):
                    traffic.refused += 1
                else:
                    traffic.wrong.append(f"{answer.status} {document}")
        except (OSError, TimeoutError) as error:
            traffic.wrong.append(repr(error))
        return False

    async def probe(self) -> None:
        """Ask for health until cancelled."""
        while True:
            async with self._http.get(f"{self._url}/health/live") as answer:
                if answer.status != 200:
                    self.sick.append(f"{answer.status} {await answer.text()}")
            await asyncio.sleep(PROBE_EVERY_S)

    async def ready(self) -> bool:
        """Whether it is."""
        try:
            async with self._http.get(f"{self._url}/health/ready") as answer:
                return answer.status == 200
        except OSError:
            return False


def arrivals(chance: random.Random, rate: float, seconds: float) -> Iterator[float]:
    """Start times as independent callers have them: so many a second on average, with chance between them."""
    now = chance.expovariate(rate)
    while now < seconds:
        yield now
        now += chance.expovariate(rate)


@asynccontextmanager
async def worker() -> AsyncIterator[Worker]:
    """The service on the first core, this process on the last, health probed all the while."""
    port = free_port()
    os.sched_setaffinity(0, {CORES[-1]})
    try:
        with tempfile.TemporaryDirectory() as folder:
            manifest = Path(folder) / "service.toml"
            manifest.write_text(MANIFEST)
            environ = {
                **os.environ,
                "PHAROS_MANIFEST": str(manifest),
                "PHAROS_PORT": str(port),
                "PROOF_CORE": str(CORES[0]),
            }
            with (Path(folder) / "log").open("wb") as log:
                process = subprocess.Popen(  # noqa: ASYNC220 - it is awaited by its readiness
                    [sys.executable, "-m", "verify.openloop_service"], cwd=TESTS, env=environ, stdout=log, stderr=log
                )
            try:
                async with _client(port) as client:
                    yield client
            finally:
                process.terminate()
                await asyncio.to_thread(process.wait, 15)
    finally:
        os.sched_setaffinity(0, CORES)


@asynccontextmanager
async def _client(port: int) -> AsyncIterator[Worker]:
    connector = TCPConnector(limit=0, keepalive_timeout=30)
    async with ClientSession(connector=connector, timeout=ClientTimeout(total=10)) as http:
        client = Worker(f"http://127.0.0.1:{port}", http)
        await wait_until(client.ready, timeout=30, what="the worker is ready")
        probing = asyncio.create_task(client.probe())
        try:
            yield client
        finally:
            probing.cancel()


def _is_refusal(status: int, retry_after: str, document: object) -> bool:
    return (
        status == 503
        and retry_after in {"1", "2", "3"}
        and isinstance(document, dict)
        and document.get("reason") == "overloaded"
        and document.get("status") == 503
    )
