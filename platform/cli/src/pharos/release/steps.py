"""The checkout's own steps that make environments and wheels."""

import subprocess
from pathlib import Path

from pharos.console import note
from pharos.errors import CliError


def bootstrap(root: Path, *words: str | Path) -> None:
    """Run ``bootstrap/env``; what it says to a person is passed on.

    Raises:
        CliError: it failed, and has said why.
    """
    done = subprocess.run(  # noqa: S603 - the checkout's own script
        [root / "bootstrap" / "env", *words], check=False, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = done.stderr.strip().splitlines()
    if done.returncode:
        *before, error, hint = ["", "", *said]
        for line in filter(None, before):
            note(line)
        raise CliError(error.removeprefix("error: "), hint.strip())
    for line in said:
        note(line)
