"""Ending what a run has done: what every experiment's rollback calls."""

from collections.abc import Mapping
from typing import Any

from chaos.session import session_of


def lift(configuration: Mapping[str, Any]) -> None:
    """Undo every fault of this run, the latest first."""
    session_of(configuration).lift()
