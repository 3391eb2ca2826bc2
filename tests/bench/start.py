"""How long a warm start takes until everything is ready, and how long it takes to stop."""

import statistics
import subprocess
import time
from collections.abc import Iterator

from bench.report import Figure
from support.system import ROOT, System, new_system

ROUNDS = 3


def measure() -> Iterator[Figure]:
    """The medians over some rounds of `./just up` and `./just down`, after a first start that made the databases."""
    system = new_system()
    try:
        system.start()
        system.stop()
        ports = ("--port-base", str(system.port_base))
        rounds = [(_seconds(system, "up", *ports), _seconds(system, "down")) for _ in range(ROUNDS)]
    finally:
        system.remove()
    ups, downs = zip(*rounds, strict=True)
    yield Figure(what="warm ./just up to ready", measured=statistics.median(ups), unit="s", at_most=8, goal=6)
    yield Figure(what="./just down", measured=statistics.median(downs), unit="s", at_most=5)


def _seconds(system: System, *command: str) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "just", *command, "--state", system.state], check=False, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, f"./just {' '.join(command)}: {done.stdout}{done.stderr}"
    return time.monotonic() - began
