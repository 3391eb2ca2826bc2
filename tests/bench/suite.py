"""How long the whole test command takes."""

import subprocess
import time
from collections.abc import Iterator

from bench.report import Figure
from support.system import ROOT

AT_MOST_S = 600


def measure() -> Iterator[Figure]:
    """`./just test`, which must pass. A first run in a checkout makes its environments, too."""
    began = time.monotonic()
    done = subprocess.run([ROOT / "just", "test"], check=False, capture_output=True, text=True, timeout=3 * AT_MOST_S)
    seconds = time.monotonic() - began
    yield Figure(what="./just test", measured=seconds, unit="s", at_most=AT_MOST_S)
    assert done.returncode == 0, f"./just test failed: {done.stdout.strip().splitlines()[-1:]}"
