"""Measures the figures of docs/benchmarks.md: each benchmark is a module of this folder with a `measure`.

Prints one table; the exit code is 0 only if every benchmark ran and every bound was held.
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterable

from bench.report import Figure, show
from pharos.console import note

BENCHMARKS = (
    "request_cost",
    "lens_ingest",
    "console",
    "start",
    "footprint",
    "orders",
    "releases",
    "containers",
    "fresh_clone",
    "suite",
)
BUSY = 0.5
"""Load average per core above which figures say more about the machine's other work."""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join(BENCHMARKS)}")
    parser.add_argument("--list", action="store_true", help="show the names and end")
    parser.add_argument("--json", action="store_true", help="print a document instead of the table")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(BENCHMARKS)):
        parser.error(f"there is no {unknown[0]}; the names are: {', '.join(BENCHMARKS)}")
    if options.list:
        print("\n".join(f"{name:<14}{summary('bench.' + name)}" for name in BENCHMARKS))
        return
    warn_if_busy()
    figures: list[Figure] = []
    failures = [said for name in options.names or BENCHMARKS if (said := _run(name, figures))]
    sys.exit(show(figures, as_json=options.json, failures=failures))


def _run(name: str, figures: list[Figure]) -> str:
    measure: Callable[[], Iterable[Figure]] = importlib.import_module(f"bench.{name}").measure
    return collect(name, measure, figures)


def collect(name: str, measure: Callable[[], Iterable[Figure]], figures: list[Figure]) -> str:
    """Add what is measured to the list; what went wrong is returned, empty if nothing did."""
    note(f"{name} …")
    began = time.monotonic()
    try:
        figures.extend(measure())
    except Exception as error:  # noqa: BLE001 - the others are still to be measured
        return f"{name} failed: {str(error) or type(error).__name__}"
    note(f"{name} took {time.monotonic() - began:.0f} s")
    return ""


def summary(module: str) -> str:
    """What a module says of itself in its first line."""
    said = importlib.import_module(module).__doc__ or ""
    return said.splitlines()[0]


def warn_if_busy() -> None:
    """Say so when the machine has other work."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    if load > BUSY * cores:
        note(f"the machine is busy (load average {load:.1f} on {cores} cores): expect worse figures than it can give")


if __name__ == "__main__":
    main()
