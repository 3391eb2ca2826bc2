"""Whether the work of a run comes to its end once nobody disturbs it any more."""

import asyncio
import time
from typing import Final

from pharos.audit.run import audit
from pharos.audit.verdict import OPEN, Judgement
from pharos.errors import CliError
from pharos.state import System

SETTLED_S: Final = 60.0
"""Twice the longest time that a message which could not be handled waits for its next attempt (`MessagingSettings`)."""
_PAUSE_S: Final = 1.0


def left_open(system: System) -> tuple[str, ...]:
    """The invariants that still wait for work a minute later; empty when all books are closed.

    Raises:
        CliError: a service does not answer.
    """
    until = time.monotonic() + SETTLED_S
    while True:
        over = time.monotonic() >= until
        try:
            judgement = asyncio.run(audit(system))
        except CliError:
            if over:
                raise
        else:
            if over or judgement.settled:
                return _open(judgement)
        time.sleep(_PAUSE_S)


def _open(judgement: Judgement) -> tuple[str, ...]:
    return tuple(invariant.name for invariant in judgement.invariants if invariant.status == OPEN)
