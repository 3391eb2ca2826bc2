"""``python -m warden``: bring the system up, keep it up, bring it down."""

import argparse
import sys
import time
from pathlib import Path

import uvloop

from warden.run import Settings, run


def _parse(arguments: list[str]) -> Settings:
    parser = argparse.ArgumentParser(prog="warden", description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port-base", type=int, required=True)
    parser.add_argument("--replicas", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--chaos", action="store_true", help="start services with a seam for faults")
    parser.add_argument("--progress", type=int, metavar="FD", help="descriptor that takes the progress, JSON lines")
    options = parser.parse_args(arguments)
    replicas = {name: int(count) for name, _, count in (pair.partition("=") for pair in options.replicas)}
    return Settings(
        root=options.root,
        state=options.state,
        port_base=options.port_base,
        replicas=replicas,
        chaos=options.chaos,
        progress=options.progress,
    )


def main() -> None:
    """Run until told to stop."""
    sys.exit(uvloop.run(run(_parse(sys.argv[1:]), began=time.monotonic())))


if __name__ == "__main__":
    main()
