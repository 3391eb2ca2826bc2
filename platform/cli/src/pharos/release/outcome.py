"""How a rollout went."""

import msgspec


class Outcome(msgspec.Struct, frozen=True):
    """``deployed``, ``rolled-back``, or ``held`` for the time being."""

    outcome: str
    reason: str = ""
    release: str = ""
