"""Runs the proofs of docs/proofs.md: each is a module of this folder with a `prove`.

Prints one table with the seed; the exit code is 0 only if every proof ran and every bound was held.
"""

import argparse
import importlib
import secrets
import sys
from collections.abc import Callable, Iterable
from functools import partial

from bench.report import Figure, show
from bench.run import collect, summary, warn_if_busy
from pharos.console import note
from verify.proof import Run, Size

PROOFS: tuple[str, ...] = (
    "retries",
    "overload",
    "spike",
    "deadlines",
    "isolation",
    "breaker",
    "sagas",
    "idempotency",
    "tokens",
    "contracts",
    "canaries",
)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="verify", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join(PROOFS)}")
    parser.add_argument("--seed", type=int, help="repeat a run; without it one is drawn and printed")
    parser.add_argument("--full", action="store_true", help="the full size, which takes longer than half an hour")
    parser.add_argument("--list", action="store_true", help="show the names and end")
    parser.add_argument("--json", action="store_true", help="print a document instead of the table")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(PROOFS)):
        parser.error(f"there is no {unknown[0]}; the names are: {', '.join(PROOFS)}")
    if options.list:
        print("\n".join(f"{name:<14}{summary('verify.' + name)}" for name in PROOFS))
        return
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    warn_if_busy()
    run = Run(seed, Size.FULL if options.full else Size.STANDARD)
    figures: list[Figure] = []
    failures = [
        said
        for name in options.names or PROOFS
        if (said := collect(f"{name} (seed {seed})", partial(prove, name, run), figures))
    ]
    if failures:
        note(f"repeat it with: ./just verify {' '.join(options.names)} --seed {seed}")
    sys.exit(show(figures, as_json=options.json, failures=failures, seed=seed))


def prove(name: str, run: Run) -> list[Figure]:
    """The figures of one proof."""
    figures: Callable[[Run], Iterable[Figure]] = importlib.import_module(f"verify.{name}").prove
    return list(figures(run))


if __name__ == "__main__":
    main()
