"""One system in containers for all of these tests, and a thousand orders through it."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from support.require import require
from support.stack import Stack, engine_missing, new_stack
from testkit import wait_until

ORDERS = 1000
BATCH = 125
RATE = 12.0
"""Orders a second, as many as two cores serve that run every backend as well; a machine with other work gets fewer."""
SLOWEST = 0.5
QUICK = "[release]\nwindow = 3\nwindows = 4\nworse = 2\nrequests = 8\nlatency_slack = 5\n"
"""A verdict on a release in ten seconds, with few orders, on a machine that is now and then slow."""


@dataclass(frozen=True)
class Run:
    """What the load left behind."""

    correlation_ids: list[str]
    began: float
    ended: float


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running system."""
    require("engine", engine_missing())
    shared = new_stack()
    (shared.state / "config.toml").write_text(QUICK)
    try:
        shared.up = shared.json(
            "up", "--docker", "--without", "grafana", "--port-base", str(shared.port_base), timeout=600
        )
        yield shared
    finally:
        shared.remove()


@pytest.fixture(scope="session")
def orders(stack: Stack) -> Run:
    """A thousand orders, all of them taken, and their traces in Jaeger."""
    began = time.time()
    run = Run(thousand_orders(stack), began, time.time())
    asyncio.run(all_traces_whole(stack, run.correlation_ids))
    return run


def thousand_orders(stack: Stack) -> list[str]:
    """Their correlation IDs. A batch in which one was shed, for want of CPU, is made anew at half the rate."""
    taken: list[str] = []
    rate = RATE
    while len(taken) < ORDERS:
        report = place_orders(stack, BATCH, rate)
        if report["failed"]:
            rate /= 2
            assert rate >= SLOWEST, f"orders fail even when there are few: {report}"
        else:
            taken += report["correlation_ids"]
    return taken


def place_orders(stack: Stack, count: int, rate: float) -> dict[str, Any]:
    """The report of a load; that the generator was late on a busy machine is no failure of the system."""
    done = stack.pharos("load", "--rate", f"{rate:g}", "--count", str(count), "--json", timeout=600, check=False)
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def confirmed(stack: Stack) -> bool:
    """Whether an order placed now is confirmed."""
    return stack.pharos("order", "--json", check=False).returncode == 0


async def all_traces_whole(stack: Stack, correlation_ids: list[str]) -> None:
    """Wait until each confirmed order is one whole trace over all services; those that are not are asked for again."""
    left = dict.fromkeys(correlation_ids, "not asked for yet")

    def whole() -> bool:
        nonlocal left
        left = stack.faults(left, time.time_ns())
        return not left

    try:
        await wait_until(whole, timeout=90, interval=2, what="one whole trace for each order")
    except AssertionError as error:
        examples = dict(list(left.items())[:5])
        raise AssertionError(f"{len(left)} of {len(correlation_ids)} orders: {examples}") from error
