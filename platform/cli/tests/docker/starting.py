"""Starting containers by the command, as most of these tests do first."""

import subprocess
import time
from pathlib import Path

from cli_process import Cli

UP = ("up", "--docker", "--without", "jaeger")


def start(cli: Cli, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Bring the containers up, without one part."""
    done = cli.run(*UP, "--port-base", str(cli.base), *arguments)
    assert done.returncode == 0, done.stderr
    return done


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    until = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < until, f"{path} does not appear"
        time.sleep(0.02)
