"""Fixtures of the cross-service tests: one running system for all that only look at it."""

from collections.abc import Iterator

import pytest

from support.system import System, new_system


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """A running system that tests share; they place orders in it, but stop and kill nothing."""
    shared = new_system()
    try:
        shared.start()
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def own_system() -> Iterator[System]:
    """A system that is not up yet, for one test alone."""
    own = new_system()
    try:
        yield own
    finally:
        own.remove()
