"""What happens while the system starts, told to the command that waits: a JSON document a line on a pipe."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import msgspec

State = Literal["preparing", "migrating", "seeding", "starting", "adopted", "ready", "failed", "skipped"]


class PartProgress(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """A part has come to a new state."""

    part: str
    state: State
    detail: str = ""
    seconds: float  # since the start


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """All parts are ready; the pipe ends after this."""

    seconds: float


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The start failed and everything was undone; the pipe ends after this."""

    reason: str
    message: str
    hint: str
    log: list[str] = []


Event = PartProgress | Ready | Failed
decoder: "msgspec.json.Decoder[Event]" = msgspec.json.Decoder(Event)


@dataclass(slots=True)
class Reporter:
    """Writes events to the pipe. When nobody reads any more, the start has been given up."""

    descriptor: int | None
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return round(time.monotonic() - self.began, 3)

    def part(self, part: str, state: State, detail: str = "") -> None:
        """Report a part's new state.

        Raises:
            BrokenPipeError: the command that waited has ended.
        """
        self.send(PartProgress(part=part, state=state, detail=detail, seconds=self.seconds))

    def send(self, event: Event) -> None:
        """Report anything.

        Raises:
            BrokenPipeError: the command that waited has ended.
        """
        if self.descriptor is not None:
            os.write(self.descriptor, msgspec.json.encode(event) + b"\n")

    @contextmanager
    def when_unread(self, call: Callable[[], object]) -> Iterator[None]:
        """While this lasts, call back as soon as the reader has gone."""
        if self.descriptor is None:
            yield
            return
        # A pipe's writing end only ever becomes "readable" by the error that its reader has closed.
        asyncio.get_running_loop().add_reader(self.descriptor, call)
        try:
            yield
        finally:
            asyncio.get_running_loop().remove_reader(self.descriptor)

    def close(self) -> None:
        """Let the reader go; later events go nowhere."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
