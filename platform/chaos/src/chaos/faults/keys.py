"""Faults of keys."""

from collections.abc import Mapping
from typing import Any

from chaos.command import pharos
from chaos.session import session_of


def expire(service: str, configuration: Mapping[str, Any]) -> None:
    """Have a service sign with a new key from now on, which nobody was told of beforehand; the old one has run out."""
    session = session_of(configuration)
    session.strike()
    pharos(session.system.folder.path, "rotate-keys", service, "--lead", "0")
