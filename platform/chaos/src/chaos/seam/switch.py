"""Which faults are on in this process. They are set by one thread and read by another, each in one assignment."""

from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

SPARED: Final = ("/health/", "/metrics")
"""Probes are answered truly: what is made here is a fault of requests."""
Kind = Literal["error", "latency", "corrupt"]


class HttpFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fault of HTTP requests.

    Attributes:
        kind: answered with an error, late, or with a body that is not what it should be.
        share: of requests, 0 to 1.
        status: of the error.
        seconds: of the delay.
    """

    kind: Kind
    share: float = 1.0
    status: int = 500
    seconds: float = 1.0


@dataclass
class Switch:
    """What is on. `shift` is how far the clock is off, in seconds."""

    http: tuple[HttpFault, ...] = ()
    shift: float = 0.0
    ballast: list[bytes] = field(default_factory=list)

    def on(self, fault: HttpFault) -> None:
        """Begin a fault."""
        self.http = (*self.http, fault)

    def off(self, fault: HttpFault) -> None:
        """End it."""
        kept = list(self.http)
        kept.remove(fault)
        self.http = tuple(kept)


def chosen(faults: tuple[HttpFault, ...], path: str, draw: float) -> HttpFault | None:
    """The fault that a request is to have; `draw` is from 0 to 1."""
    if path.startswith(SPARED):
        return None
    return next((fault for fault in faults if draw < fault.share), None)
