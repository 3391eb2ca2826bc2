"""What can be done to a connection."""

from typing import Literal

import msgspec

Kind = Literal["reset", "black-hole", "latency"]


class Toxic(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of connections.

    Attributes:
        kind: reset when the first bytes came, or never answered, or answered late.
        share: of the connections, 0 to 1.
        seconds: of the delay, for each piece that is answered.
    """

    kind: Kind
    share: float = 1.0
    seconds: float = 0.0


NONE = Toxic(kind="latency")
"""Passes everything on as it comes."""
