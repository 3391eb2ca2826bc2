"""The checkout's own steps that make environments and wheels."""

import subprocess
from pathlib import Path

from pharos.errors import CliError


def bootstrap(root: Path, *words: str | Path) -> None:
    """Run ``bootstrap/env``; what it says to a person is passed on.

    Raises:
        CliError: it failed, and has said why.
    """
    command = [root / "bootstrap" / "env", *words]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    *said, hint = done.stderr.strip().splitlines() or [""]
    if done.returncode:
        raise CliError("\n".join(said).removeprefix("error: ") or hint, hint.strip())
