"""Faults within a service's process, made at the seam that `up --chaos` gives it."""

from collections.abc import Mapping
from typing import Any

from chaos.lease import lease
from chaos.seam.place import seam_of
from chaos.session import Session, session_of

Configuration = Mapping[str, Any]


def fail(instance: str, configuration: Configuration, share: float = 1.0, status: int = 500) -> None:
    """Have a share of the requests answered with an error."""
    _make(session_of(configuration), instance, "http", kind="error", share=share, status=status)


def delay(instance: str, seconds: float, configuration: Configuration, share: float = 1.0) -> None:
    """Have a share of the requests wait before they are served."""
    _make(session_of(configuration), instance, "http", kind="latency", share=share, seconds=seconds)


def corrupt(instance: str, configuration: Configuration, share: float = 1.0) -> None:
    """Have a share of the replies arrive with their bytes turned over."""
    _make(session_of(configuration), instance, "http", kind="corrupt", share=share)


def block(instance: str, configuration: Configuration) -> None:
    """Keep the event loop from doing anything."""
    _make(session_of(configuration), instance, "block")


def leak(instance: str, mb_per_second: float, configuration: Configuration) -> None:
    """Have the process take memory and keep it."""
    _make(session_of(configuration), instance, "leak", mb_per_second=mb_per_second)


def jump(instance: str, seconds: float, configuration: Configuration) -> None:
    """Put the process's wall clock forward, or back."""
    _make(session_of(configuration), instance, "clock", seconds=seconds)


def _make(session: Session, instance: str, command: str, **arguments: Any) -> None:
    session.running(instance)
    session.strike(instance)
    session.keep(lease(seam_of(session.system.folder.path, instance), command, **arguments))
