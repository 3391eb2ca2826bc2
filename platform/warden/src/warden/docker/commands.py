"""The commands of the control socket that `pharos` on the machine needs to deploy: it starts and removes containers."""

from contextlib import aclosing
from typing import Any

import msgspec

from warden.control import Arguments, ControlServer, Say, asked
from warden.decide.model import Decision
from warden.docker.keeper import Keeper
from warden.docker.trials import Trials


class OfContainer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of ``trial`` and ``leave``: the identifier of a container."""

    container: str


class Settled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of ``settled``: which release serves now, and whether that is because another was bad."""

    service: str
    release: str
    undone: bool
    bad: bool
    reason: str


def register_releases(control: ControlServer, keeper: Keeper, trials: Trials) -> None:
    """Answer these commands."""

    async def trial(arguments: Arguments, say: Say) -> Any:
        """Tell how the trial of a container gets on, until it has passed, failed, or is held for the time being."""
        container = asked(arguments, OfContainer).container
        async with aclosing(trials.course(container).follow()) as lines:
            if known := trials.verdicts.get(container):
                return {"outcome": "passed" if known.passed else "failed", "reason": known.reason}
            async for line in lines:
                if "outcome" in line:
                    return line
                await say(line)
        raise AssertionError("a course has no end")

    async def leave(arguments: Arguments, say: Say) -> Any:
        """Neither keep nor judge a container any longer: it is about to be removed."""
        del say
        container = asked(arguments, OfContainer).container
        keeper.leave(container)
        trials.leave(container)
        return {}

    async def settled(arguments: Arguments, say: Say) -> Any:
        """Write down which release serves."""
        del say
        what = asked(arguments, Settled)
        why = f": {what.reason}" if what.reason else ""
        keeper.tell(
            Decision(
                event="rolled-back" if what.undone else "deployed",
                instance=what.service,
                service=what.service,
                fault="release" if what.bad else "",
                reason=f"{what.release} serves{why}",
            )
        )
        return {}

    for name, command in (("trial", trial), ("leave", leave), ("settled", settled)):
        control.register(name, command)
