"""The `pharos` command, as a person would give it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from chaos.errors import ChaosError

_BOUND_S: Final = 120.0


def pharos(state: Path, *words: str) -> None:
    """Run one command on a system.

    Raises:
        ChaosError: it failed; with what it said.
    """
    command = [str(Path(sys.executable).with_name("pharos")), *words, "--state", str(state)]
    done = subprocess.run(  # noqa: S603 - the command is ours
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_BOUND_S, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-2:]
        raise ChaosError(f"pharos {' '.join(words)} failed: {' '.join(said)}", "see how the parts are: ./just status")
