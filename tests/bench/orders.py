"""1,000 orders at 20 a second: each must leave one complete trace through every service, and all its log lines.

python -m bench.orders [--rate 20] [--count 1000] [--json]
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bench.processes import cpu_ms, memory_mb
from bench.report import Figure, show
from pharos.console import note
from pharos.openloop import VALID_LAG_P99_MS
from support.follow import Followed, Follower, Lines, written_lines
from support.system import System, new_system
from testkit import wait_until
from warden.layout import StateFolder

RATE = 20.0
COUNT = 1000
QUIET_S = 3.0
ENDED_S = 180.0
ARRIVED_S = 30.0
"""All telemetry must be stored so long after the last log line was written."""
FAULTS_SHOWN = 5


def measure(rate: float = RATE, count: int = COUNT) -> Iterable[Figure]:
    """The figures of a system of its own."""
    system = new_system()
    try:
        system.start()
        return list(_figures(system, rate, count))
    finally:
        system.remove()


def _figures(system: System, rate: float, count: int) -> Iterator[Figure]:
    """Drive the load, then follow each order by its correlation ID."""
    folder, began_ns = StateFolder(system.state), time.time_ns()
    before = cpu_ms(folder)
    report = _load(system, rate, count)
    for what, name in (("median", "p50_ms"), ("p99", "p99_ms")):
        yield Figure(what=f"latency of an order at {rate:g}/s, {what}", measured=report[name], unit="ms")
    yield Figure(what="lateness of the load, p99", measured=report["lag_p99_ms"], unit="ms", at_most=VALID_LAG_P99_MS)
    yield Figure(what=f"orders served of {count:,}", measured=report["ok"], at_least=count)
    after = cpu_ms(folder)
    followed = asyncio.run(_follow_all(system, report["correlation_ids"], began_ns))
    _tell(followed)
    good = [one for one in followed if not one.fault]
    yield Figure(what="orders with one whole trace and all log lines", measured=len(good), at_least=count)
    yield Figure(what="spans of an order, mean", measured=_mean([one.spans for one in followed]))
    yield Figure(what="log lines of an order, mean", measured=_mean([one.lines for one in followed]))
    yield Figure(what="memory of the system afterwards", measured=sum(memory_mb(folder).values()), unit="MB")
    yield from _cpu_of_an_order(before, after, count)


def _cpu_of_an_order(before: dict[str, float], after: dict[str, float], count: int) -> Iterator[Figure]:
    """Each part's, with what it did beside: answering those who look around, and idling."""
    costs = {part: (milliseconds - before.get(part, 0.0)) / count for part, milliseconds in after.items()}
    for part, cost in sorted(costs.items(), key=lambda item: -item[1]):
        yield Figure(what=f"CPU of an order in {part}", measured=cost, unit="ms")
    yield Figure(what="CPU of an order in all parts", measured=sum(costs.values()), unit="ms")


def _load(system: System, rate: float, count: int) -> dict[str, Any]:
    """The report of the load; one of orders that failed is a figure, not an error."""
    done = system.pharos("load", "--rate", f"{rate:g}", "--count", str(count), "--json", timeout=600, check=False)
    assert done.stdout, f"pharos load: {done.stderr}"
    report: dict[str, Any] = json.loads(done.stdout)
    return report


async def _follow_all(system: System, correlation_ids: list[str], began_ns: int) -> list[Followed]:
    """Every order, once; those with a fault again until all have arrived, or the time is over."""
    followed: dict[str, Followed] = {}
    written = await _all_written(StateFolder(system.state))
    follower = Follower(system.up["endpoints"]["lens"], written, began_ns)

    def look() -> bool:
        open_ones = [one for one in correlation_ids if one not in followed or followed[one].fault]
        followed.update((one, follower.follow(one)) for one in open_ones)
        return not any(one.fault for one in followed.values())

    try:
        await wait_until(look, timeout=ARRIVED_S, interval=1.0, what="the telemetry of every order")
    except AssertionError as error:
        note(str(error))
    return list(followed.values())


async def _all_written(folder: StateFolder) -> dict[str, Lines]:
    """The lines of the log files, once no more are written: orders answered late have ended, and messages are sent."""
    lines: dict[str, Lines] = {}

    def quiet() -> bool:
        nonlocal lines
        before, lines = lines, written_lines(folder.logs)
        return lines == before

    await wait_until(quiet, timeout=ENDED_S, interval=QUIET_S, what="the end of the last order")
    return lines


def _tell(followed: list[Followed]) -> None:
    """What is wrong with how many, and an order that shows it."""
    faults = Counter(one.fault for one in followed if one.fault)
    for fault, times in faults.most_common(FAULTS_SHOWN):
        example = next(one.correlation_id for one in followed if one.fault == fault)
        note(f"{times} orders: {fault}; for example {example}")


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def main() -> None:
    """Run with another rate or count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.exit(show(measure(options.rate, options.count), as_json=options.json))


if __name__ == "__main__":
    main()
