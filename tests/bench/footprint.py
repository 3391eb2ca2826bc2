"""What the idle system takes, one replica each: memory, as the sum of the PSS of its processes, and CPU.

A second system on the same machine shares pages with the first and makes both look smaller.

python -m bench.footprint [--state DIR] [--json] looks at a system that runs already.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.processes import cpu_ms, memory_mb
from bench.report import Figure, show
from support.system import new_system
from testkit import wait_until
from warden.layout import StateFolder, project_root, state_folder

AT_MOST_MB = 900
WARDEN_MB = 80
WARDEN_PERCENT = 1.5
IDLE_S = 60.0
STEADY_MB = 1.0
LOOK_EVERY_S = 2.0


def measure() -> Iterable[Figure]:
    """The figures of a system of its own, once its processes have stopped to grow or shrink."""
    system = new_system()
    try:
        system.start()
        folder = StateFolder(system.state)
        settle(folder)
        return list(figures_of(folder))
    finally:
        system.remove()


def figures_of(folder: StateFolder) -> Iterator[Figure]:
    """Each part of a running system, the largest first, the sum, and what watching over it costs."""
    parts = memory_mb(folder)
    for name, megabytes in sorted(parts.items(), key=lambda item: -item[1]):
        bound = WARDEN_MB if name == "warden" else None
        yield Figure(what=f"memory of {name}", measured=megabytes, unit="MB", at_most=bound)
    yield Figure(what="memory of the idle system", measured=sum(parts.values()), unit="MB", at_most=AT_MOST_MB)
    shares = cpu_percent(folder)
    yield Figure(what="CPU of warden, of one core", measured=shares["warden"], unit="%", at_most=WARDEN_PERCENT)
    yield Figure(what="CPU of the idle system, of one core", measured=sum(shares.values()), unit="%")


def cpu_percent(folder: StateFolder, seconds: float = IDLE_S) -> dict[str, float]:
    """What each part takes of one core, over so long."""
    before, began = cpu_ms(folder), time.monotonic()
    time.sleep(seconds)  # the length of the measurement
    took = time.monotonic() - began
    return {name: (after - before.get(name, 0.0)) / (10 * took) for name, after in cpu_ms(folder).items()}


def settle(folder: StateFolder) -> None:
    """Return when the sum is the same as a moment before."""
    last = 0.0

    def steady() -> bool:
        nonlocal last
        before, last = last, sum(memory_mb(folder).values())
        return abs(last - before) < STEADY_MB

    asyncio.run(wait_until(steady, timeout=60, interval=LOOK_EVERY_S, what="steady memory"))


def main() -> None:
    """Print the figures of a system that runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = state_folder(project_root(), options.state)
    if not memory_mb(folder):
        sys.exit("nothing is running; start it with: ./just up")
    sys.exit(show(figures_of(folder), as_json=options.json))


if __name__ == "__main__":
    main()
