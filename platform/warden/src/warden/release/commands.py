"""The commands of the control socket that are about releases: ``deploy``, ``promote`` and ``rollback``.

Who asked may go away: a rollout goes on without anybody who looks on.
"""

from contextlib import aclosing
from typing import Any, TypeVar

import msgspec

from warden.control import Arguments, ControlServer, Say
from warden.errors import ControlRefused
from warden.release.course import Course
from warden.release.record import CHECKOUT, Phase, Rollout, name_of
from warden.release.rollouts import Rollouts

Shape = TypeVar("Shape")


class Deploy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of ``deploy``: the version to deploy, ``checkout`` for the checkout's own code."""

    service: str
    version: str
    skip_analysis: bool = False


class OfService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of ``promote`` and ``rollback``."""

    service: str


def register(control: ControlServer, rollouts: Rollouts) -> None:
    """Answer these commands."""

    async def deploy(arguments: Arguments, say: Say) -> Any:
        asked = _convert(arguments, Deploy)
        target = CHECKOUT if asked.version == name_of(CHECKOUT) else asked.version
        phase: Phase = "replacing" if asked.skip_analysis else "canary"
        return await _follow(rollouts.begin(asked.service, Rollout(target=target, phase=phase)), say)

    async def promote(arguments: Arguments, say: Say) -> Any:
        return await _follow(await rollouts.promote(_convert(arguments, OfService).service), say)

    async def roll_back(arguments: Arguments, say: Say) -> Any:
        return await _follow(await rollouts.roll_back(_convert(arguments, OfService).service, "asked to"), say)

    for name, command in (("deploy", deploy), ("promote", promote), ("rollback", roll_back)):
        control.register(name, command)


def _convert(arguments: Arguments, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(dict(arguments), shape)
    except msgspec.ValidationError as error:
        raise ControlRefused("bad-request", f"these arguments are wrong: {error}", "see docs/releases.md") from None


async def _follow(course: Course, say: Say) -> Any:
    async with aclosing(course.follow()) as lines:
        async for line in lines:
            if "outcome" in line:
                return line
            await say(line)
    raise AssertionError("a course has no end")
