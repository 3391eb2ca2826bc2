"""The whole test command: style, types, and every distribution's tests; ``--list`` shows the names.

Independent jobs run side by side, two per core; after them those that start a whole system, one per core; last, alone,
what needs a Docker engine. Some run only when they are named, or with ``--all``. Each job's output goes to a file, and
is shown when it fails; what was skipped is told with the reason. The last line counts what passed and failed.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / ".pharos" / "test"
BIN = Path(sys.executable).parent
SHOWN_LINES = 60
SLOWEST = ("chassis", "cli", "orders", "e2e", "verify")
"""Those that begin first, so that none of them is the last."""
SYSTEM_JOBS = ("telemetry", "e2e", "experiments", "compatibility", "console", "verify")
FOLDERS = {"experiments": "chaos"}
"""Of jobs that cannot have the name of their folder, because a distribution has it."""
NAMED_ONLY = ("verify", "stack")
"""Minutes of faults, and what needs a Docker engine."""


class Kind(Enum):
    """What a job leaves for others; kinds run one after the other, in this order."""

    PLAIN = "waits for processes more than it computes"
    SYSTEM = "starts a whole system"
    ENGINE = "starts two dozen containers"

    @property
    def at_a_time(self) -> int:
        """How many of its kind run side by side."""
        cores = os.cpu_count() or 1
        return {Kind.PLAIN: 2 * cores, Kind.SYSTEM: cores, Kind.ENGINE: 1}[self]


TYPED_TESTS = ("verify", "bench", "telemetry")
"""Those of the tests' packages that are programs of their own."""


@dataclass(frozen=True)
class Job:
    """A command, or several in a row, that passes when all exit with 0."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    folder: Path = ROOT
    kind: Kind = Kind.PLAIN
    named_only: bool = False


@dataclass(frozen=True)
class Result:
    """How a job went. A job that is not pytest counts as one test."""

    job: Job
    ok: bool
    passed: int
    failed: int
    seconds: float


def jobs() -> list[Job]:
    """Every job, in the order that they begin in."""
    pytest = (sys.executable, "-m", "pytest", "-q", "-rfEs", "--color=no")
    found = [_service(folder) for folder in _with_tests("services")]
    found += [Job(folder.name, (pytest,), folder) for folder in _with_tests("platform")]
    found.append(Job("types", tuple((str(BIN / "mypy"), *paths) for paths in _typed())))
    found.append(Job("lint", ((str(BIN / "ruff"), "check"), (str(BIN / "ruff"), "format", "--check"))))
    found.append(Job("semconv", ((sys.executable, "observability/semconv/generate.py", "--check"),)))
    return found + [
        Job(name, ((*pytest, FOLDERS.get(name, name)),), ROOT / "tests", kind, named_only=name in NAMED_ONLY)
        for kind, names in (
            (Kind.PLAIN, ("architecture", "bootstrap", "observability")),
            (Kind.SYSTEM, SYSTEM_JOBS),
            (Kind.ENGINE, ("stack",)),
        )
        for name in names
        if any((ROOT / "tests" / FOLDERS.get(name, name)).glob("test_*.py"))
    ]


def run(job: Job) -> Result:
    """Run a job, its output in a file of its name."""
    began = time.monotonic()
    with (OUTPUT / f"{job.name}.log").open("w") as output:
        codes = [
            subprocess.run(
                command, cwd=job.folder, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            ).returncode
            for command in job.commands
        ]
    ok = not any(codes)
    passed, failed = _counts(job) or (int(ok), int(not ok))
    return Result(job, ok, passed, max(failed, int(not ok)), time.monotonic() - began)


def run_all(chosen: list[Job]) -> list[Result]:
    """Run the jobs and tell of each when it ends."""
    results: list[Result] = []
    for kind in Kind:
        together = sorted((job for job in chosen if job.kind is kind), key=lambda job: job.name not in SLOWEST)
        with ThreadPoolExecutor(max_workers=kind.at_a_time) as pool:
            running = [pool.submit(run, job) for job in together]
            results += [_told(future.result()) for future in as_completed(running)]
    return results


def _service(folder: Path) -> Job:
    """A service's tests run with only what it declares installed."""
    environment = (str(ROOT / "bootstrap" / "env"), "isolated", folder.name)
    python = str(ROOT / ".pharos" / "isolated" / folder.name / "bin" / "python")
    return Job(folder.name, (environment, (python, "-m", "pytest", "-q", "--color=no")), folder)


def _with_tests(parent: str) -> list[Path]:
    return sorted(tests.parent for tests in (ROOT / parent).glob("*/tests") if any(tests.glob("**/test_*.py")))


def _typed() -> Iterable[tuple[str, ...]]:
    """mypy takes the source folders in one run; tests, whose modules share names, in a run for each distribution."""
    sources = sorted(str(folder) for folder in ROOT.glob("*/*/src"))
    yield (*sources,)
    yield from (("-p", package) for package in TYPED_TESTS)
    for folder in (ROOT / "bootstrap", *sorted((ROOT / "observability").iterdir())):
        if scripts := sorted(folder.glob("*.py")):
            yield tuple(map(str, scripts))


def _counts(job: Job) -> tuple[int, int] | None:
    """Passed and failed, from pytest's closing line."""
    lines = (OUTPUT / f"{job.name}.log").read_text().splitlines()
    closing = next((line for line in reversed(lines) if re.search(r"\d+ (passed|failed|errors?)\b.* in ", line)), None)
    if closing is None:
        return None
    found = {word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) (passed|failed|errors?)", closing)}
    return found.get("passed", 0), found.get("failed", 0) + found.get("error", 0)


def _told(result: Result) -> Result:
    mark = "ok    " if result.ok else "FAILED"
    failed = f", {result.failed} failed" if result.failed else ""
    print(f"{mark} {result.job.name:<14} {result.passed} passed{failed}  ({result.seconds:.0f} s)", flush=True)
    for line in (OUTPUT / f"{result.job.name}.log").read_text().splitlines():
        if line.startswith("SKIPPED"):
            print(f"       {line}", flush=True)
    return result


def _show_failures(results: list[Result]) -> None:
    for result in results:
        if not result.ok:
            log = OUTPUT / f"{result.job.name}.log"
            print(f"\n--- {result.job.name}: the end of {log.relative_to(ROOT)}")
            print("\n".join(log.read_text().splitlines()[-SHOWN_LINES:]))


def main() -> None:
    """Run what was asked for; the exit code is 0 only when all of it passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these jobs")
    parser.add_argument("--all", action="store_true", help="also those that run only when they are named")
    parser.add_argument("--list", action="store_true", help="show the names and end")
    options = parser.parse_args()
    every = jobs()
    known = {job.name: job for job in every}
    assert len(known) == len(every), "two jobs have one name"
    if options.list:
        print("\n".join(known))
        return
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"there is no {unknown[0]}; the names are: {', '.join(known)}")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    chosen = options.names or [name for name, job in known.items() if options.all or not job.named_only]
    results = run_all([known[name] for name in chosen])
    _show_failures(results)
    bad = [result.job.name for result in results if not result.ok]
    print(f"\n{time.monotonic() - began:.0f} s" + (f"; failed: {', '.join(bad)}" if bad else ""))
    print(f"{sum(result.passed for result in results)} passed, {sum(result.failed for result in results)} failed")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
