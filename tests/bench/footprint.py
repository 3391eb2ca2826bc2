"""Memory of the idle system, one replica each: the sum of the PSS of its processes.

A second system on the same machine shares pages with the first and makes both look smaller.

python -m bench.footprint [--state DIR] [--json] looks at a system that runs already.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.processes import memory_mb
from bench.report import Figure, show
from support.system import new_system
from testkit import wait_until
from warden.layout import StateFolder, project_root, state_folder

AT_MOST_MB = 900
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
    """Each part of a running system, the largest first, and the sum."""
    parts = memory_mb(folder)
    for name, megabytes in sorted(parts.items(), key=lambda item: -item[1]):
        yield Figure(what=f"memory of {name}", measured=megabytes, unit="MB")
    yield Figure(what="memory of the idle system", measured=sum(parts.values()), unit="MB", at_most=AT_MOST_MB)


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
