from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_process import Cli

from testkit.tiny import tiny_checkout


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(tiny_checkout(tmp_path), tmp_path / "state")
    yield cli
    cli.run("down")
