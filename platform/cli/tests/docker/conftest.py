from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_process import Cli
from miniature import Engine, miniature_engine


@pytest.fixture
def engine(cli: Cli, tmp_path: Path) -> Iterator[Engine]:
    """A checkout of one service whose ``docker`` is the miniature."""
    (cli.checkout.root / "compose.yaml").touch()
    (cli.checkout.root / "services" / "tiny" / "Dockerfile").touch()
    (cli.checkout.root / ".dockerignore").write_text("*\n!services/*/src\n!services/*/pyproject.toml\n")
    engine = miniature_engine(tmp_path / "engine", port=cli.base + 9)
    cli.path = engine.path
    yield engine
    (engine.home / "broken.json").unlink(missing_ok=True)
