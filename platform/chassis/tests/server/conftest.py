"""Starting kiosks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosks import Kiosk, Start

from testkit.servers import free_port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a kiosk: `start()`, `start(port)`, `start(PHAROS_DRAIN_DEADLINE="1")`."""
    started: list[Kiosk] = []

    def begin(port: int | None = None, **environ: str) -> Kiosk:
        started.append(Kiosk(tmp_path, port or free_port(), **environ))
        return started[-1]

    yield begin
    for kiosk in started:
        if kiosk.process.poll() is None:
            kiosk.process.kill()
            kiosk.process.wait()
