"""An audit of a running system."""

import asyncio
from collections.abc import Callable
from functools import partial

from pharos.audit.mails import kept_mails
from pharos.audit.read import read
from pharos.audit.rules import check
from pharos.audit.verdict import Judgement, Rounds
from pharos.operator import Operator
from pharos.state import System

WAIT_S = 40.0
"""Bound of the whole: work that goes on may bring new differences in every round."""
SETTLE_S = 10.0
"""What no service can explain is a violation after so long: between two services' reads only seconds of work hide."""
BETWEEN_S = 1.0


async def audit(system: System, wait: float = WAIT_S, report: Callable[[str], None] = lambda _: None) -> Judgement:
    """Hold the books of all services against each other.

    What differs with no explanation is read again until it is gone or has differed for ten seconds, for up to `wait`
    seconds; `report` is told of each such round.

    Raises:
        CliError: a service does not answer, or refuses.
    """
    loop, rounds = asyncio.get_running_loop(), Rounds(SETTLE_S)
    until = loop.time() + wait
    async with Operator(system) as operator:
        while True:
            began = loop.time()
            rounds.add(check(await read(operator, partial(kept_mails, system))), began)
            if not rounds.undecided or loop.time() >= until:
                return rounds.judge()
            report(f"{rounds.undecided} differences, read again: they may be work in progress")
            await asyncio.sleep(BETWEEN_S)
