"""A release takes over under load, and one that does worse is rolled back: what users notice, and how long it takes.

python -m bench.releases [--rate 50] [--json]
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import aiohttp

from bench.report import Figure, show
from pharos.console import note
from pharos.openloop import VALID_LAG_P99_MS, Sample, drive, percentile, schedule
from pharos.storefront import DEMO_CUSTOMER, Storefront
from support.system import ROOT, System, new_system
from warden.journal import read_entries
from warden.layout import StateFolder

RATE = 50.0
REPLICAS = 2
PATHS = ("/orders", "/orders", "/orders", "/orders", "/products")
GOOD, BAD = "100.0.0", "100.0.1"
HANDLER = '"""The customer\'s orders, the newest first."""\n'
FAULT = """\
        import random
        if random.random() < 0.1:
            raise RuntimeError("one request in ten")
"""


def measure(rate: float = RATE) -> Iterable[Figure]:
    """The figures of a system of its own."""
    system = new_system()
    try:
        system.start("--replicas", f"orders={REPLICAS}")
        return list(_figures(system, rate))
    finally:
        system.remove()


def _figures(system: System, rate: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        for version, fault in ((GOOD, ""), (BAD, FAULT)):
            source = _source(Path(folder) / version, version, fault)
            system.pharos("release", "orders", "--source", str(source))
    good = asyncio.run(_deploy(system, GOOD, rate))
    yield from good.figures(f"deploy of a good release at {rate:g}/s")
    yield Figure(what="requests failed, good release", measured=good.failed, at_most=0)
    assert good.code == 0, good.said
    bad = asyncio.run(_deploy(system, BAD, rate))
    yield from bad.figures(f"deploy of one with 10 % errors at {rate:g}/s")
    exposed = _exposed(system)
    yield Figure(what="first new replica to rolled back", measured=exposed, unit="s", at_most=30)
    share = 100 * bad.failed / (rate * exposed)
    yield Figure(what="requests failed meanwhile, bad release", measured=share, unit="%", at_most=1)
    assert json.loads(bad.document)["outcome"] == "rolled-back", bad.said


@dataclass
class Deployment:
    """A deployment, and the requests that users sent meanwhile."""

    samples: list[Sample] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)  # by status, or by what kept one from coming
    seconds: float = 0.0
    code: int = 0
    document: str = ""
    said: str = ""

    @property
    def failed(self) -> int:
        """Requests that were not served."""
        return sum(not sample.ok for sample in self.samples)

    def figures(self, what: str) -> Iterator[Figure]:
        """What any deployment shows."""
        yield Figure(what=what, measured=self.seconds, unit="s")
        lag = percentile([sample.lag_ms for sample in self.samples], 99)
        yield Figure(what="lateness of the load, p99", measured=lag, unit="ms", at_most=VALID_LAG_P99_MS)


async def _deploy(system: System, version: str, rate: float) -> Deployment:
    """Deploy while customers look at their orders, and with every fifth request at the products."""
    found, loop, paths = Deployment(), asyncio.get_running_loop(), cycle(PATHS)
    async with Storefront(system.edge, DEMO_CUSTOMER, system.demo_password) as storefront:
        await storefront.log_in()

        async def look() -> tuple[bool, str]:
            try:
                answer = await storefront.send("GET", next(paths))
            except (aiohttp.ClientError, TimeoutError) as error:
                found.answers[type(error).__name__] += 1
                return False, ""
            found.answers[str(answer.status)] += 1
            return answer.ok, answer.correlation_id

        asking = asyncio.create_task(drive(schedule(rate, None, None), look, found.samples))
        began = loop.time()
        done = await asyncio.to_thread(system.pharos, "deploy", "orders", version, "--json", check=False)
        found.seconds = loop.time() - began
        asking.cancel()
        await asyncio.wait([asking])
    note(f"{version}: {dict(found.answers)}")
    found.code, found.document, found.said = done.returncode, done.stdout, done.stderr
    return found


def _source(place: Path, version: str, fault: str) -> Path:
    """The sources of orders under another version, with a fault in one route."""
    shutil.copytree(ROOT / "services" / "orders", place)
    project, api = place / "pyproject.toml", place / "src" / "orders" / "api.py"
    lines = project.read_text().splitlines(keepends=True)
    project.write_text("".join(f'version = "{version}"\n' if line.startswith("version") else line for line in lines))
    text = api.read_text()
    assert text.count(HANDLER) == 1
    api.write_text(text.replace(HANDLER, HANDLER + fault))
    return place


def _exposed(system: System) -> float:
    """Seconds from the start of the bad release's first replica until the old one serves alone again."""
    entries = read_entries(StateFolder(system.state).journal)
    started = next(entry.time for entry in entries if entry.event == "started" and BAD in entry.reason)
    return next(entry.time for entry in entries if entry.event == "rolled-back") - started


def main() -> None:
    """Print the figures; the exit code is 0 only if every bound was held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.exit(show(list(measure(options.rate)), as_json=options.json))


if __name__ == "__main__":
    main()
