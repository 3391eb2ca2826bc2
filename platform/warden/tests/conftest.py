from collections.abc import Iterator
from pathlib import Path

import pytest
from wardens import Wardens

from testkit.tiny import TinyCheckout, tiny_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> TinyCheckout:
    return tiny_checkout(tmp_path)


@pytest.fixture
def wardens(checkout: TinyCheckout, tmp_path: Path) -> Iterator[Wardens]:
    """Starts wardens for one state folder; whatever they leave is ended after the test."""
    wardens = Wardens(checkout.root, tmp_path / "state")
    yield wardens
    wardens.end_all()
