"""The containers: how long a start takes with images present, what memory they take, what a Collector restart loses.

Without Grafana, whose image is not to be had everywhere. Without an engine there is nothing to measure.
"""

import asyncio
import json
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator

from bench.report import Figure
from pharos.console import note
from support.stack import Stack, engine_missing, new_stack
from support.system import ROOT
from testkit import wait_until

STARTS = 1
IDLE_LOOKS = 5
LOOK_EVERY_S = 2.0
RATE = 20
COUNT = 400
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def measure() -> Iterator[Figure]:
    """The first start of fresh volumes, later starts, memory at rest, spans lost over a restart."""
    if missing := engine_missing():
        note(f"skipped: {missing}")
        return
    stack = new_stack()
    try:
        _up(stack)
        stack.pharos("reset", "--yes")
        yield Figure(what="./just up --docker, images present, new volumes", measured=_up(stack), unit="s", at_most=45)
        later = [_up(stack) for _ in range(STARTS) if stack.pharos("down").returncode == 0]
        yield Figure(what="the same with data, median", measured=statistics.median(later), unit="s", at_most=45)
        yield from _memory(stack)
        yield from _collector_restart(stack)
    finally:
        stack.remove()


def _up(stack: Stack) -> float:
    began = time.monotonic()
    command = ["up", "--docker", "--without", "grafana", "--port-base", str(stack.port_base)]
    done = subprocess.run(
        [ROOT / "just", *command, "--state", stack.state], check=False, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"./just {' '.join(command)}: {done.stdout}{done.stderr}"
    return time.monotonic() - began


def _memory(stack: Stack) -> Iterator[Figure]:
    """The sum over all containers, as the engine counts it, the median of some looks."""
    looks = []
    for _ in range(IDLE_LOOKS):
        time.sleep(LOOK_EVERY_S)
        looks.append(_memory_now(stack))
    parts = {name: statistics.median(look[name] for look in looks) for name in looks[-1]}
    for name, size in sorted(parts.items(), key=lambda item: -item[1]):
        yield Figure(what=f"memory of {_part(name)}, idle", measured=size, unit="MB")
    yield Figure(what="memory of all containers, idle", measured=sum(parts.values()), unit="MB", at_most=2200)


def _memory_now(stack: Stack) -> dict[str, float]:
    ids = stack.compose("ps", "--quiet").split()
    done = subprocess.run(
        ["docker", "stats", "--no-stream", "--format", "{{json .}}", *ids], check=True, capture_output=True, text=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["Name"]: _bytes(one["MemUsage"].partition("/")[0]) / 1e6 for one in found}


def _part(container: str) -> str:
    return container.removeprefix("pharos-").partition("-")[2].rpartition("-")[0]


def _bytes(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(B|KiB|MiB|GiB)", text.strip())
    assert match, f"docker stats: {text!r} is no size"
    return float(match[1]) * UNITS[match[2]]


def _collector_restart(stack: Stack) -> Iterator[Figure]:
    """Orders at a steady rate, the Collector restarted amid them, and those whose trace is not whole afterwards."""
    restart = threading.Timer(COUNT / RATE / 3, lambda: stack.compose("restart", "collector"))
    restart.start()
    done = stack.pharos("load", "--rate", str(RATE), "--count", str(COUNT), "--json", timeout=600, check=False)
    restart.join()
    report = json.loads(done.stdout)
    left: dict[str, str] = dict.fromkeys(report["correlation_ids"], "")

    def whole() -> bool:
        nonlocal left
        left = stack.faults(left, time.time_ns())
        return not left

    try:
        asyncio.run(wait_until(whole, timeout=90, interval=2))
    except AssertionError:
        note(f"not whole: {dict(list(left.items())[:5])}")
    yield Figure(what=f"orders taken of {COUNT} at {RATE}/s", measured=report["ok"], at_least=COUNT)
    yield Figure(what="of them without a whole trace after a Collector restart", measured=len(left), at_most=0)
    dropped = stack.value("sum(telemetry_items_dropped_total)")
    yield Figure(what="spans and log records dropped over it", measured=dropped, at_most=0)
