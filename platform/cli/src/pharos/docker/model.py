"""What ``compose.yaml`` says, as compose itself reads it."""

from typing import Any

import msgspec

_COMPLETED = "service_completed_successfully"


class Dependency(msgspec.Struct, frozen=True):
    """On what terms a part waits for another."""

    condition: str = "service_started"


class Build(msgspec.Struct, frozen=True):
    """How an image is built here."""

    dockerfile: str = "Dockerfile"


class Port(msgspec.Struct, frozen=True):
    """A port that is published on this machine."""

    published: str = ""


class Part(msgspec.Struct, frozen=True):
    """One service of the file, in compose's sense of the word."""

    image: str = ""
    build: Build | None = None
    mem_limit: str | int = 0  # bytes
    ports: list[Port] = []
    depends_on: dict[str, Dependency] = {}


class Model(msgspec.Struct, frozen=True):
    """The whole file, its variables filled in."""

    services: dict[str, Part]
    volumes: dict[str, Any] = {}

    @property
    def jobs(self) -> frozenset[str]:
        """Those that others wait for to end: they do their work once at each start."""
        waits = (wait for part in self.services.values() for wait in part.depends_on.items())
        return frozenset(name for name, dependency in waits if dependency.condition == _COMPLETED)
