"""What the seam can be told: each command makes a fault that lasts as long as the connection it came over."""

import asyncio
import threading
from collections.abc import Callable
from typing import Final

import msgspec

from chaos.seam.switch import HttpFault, Switch
from warden.control import Arguments, ControlServer, Say, asked, hold

BLOCK_S: Final = 60.0
"""A block ends after so long even if nobody lets go of it."""
MOST_MB: Final = 1536
"""A leak goes no further, so that the machine is not what breaks; warden's limit is lower (docs/recovery.md)."""
_MB: Final = 1024 * 1024
_TICK_S: Final = 0.1
OnLoop = Callable[[Callable[[], object]], None]
"""Has the service's event loop call something."""


class Commands:
    """The commands of one process; they run on a thread of their own, so that a blocked loop does not hold them up."""

    def __init__(self, switch: Switch, on_loop: OnLoop) -> None:
        self._switch = switch
        self._on_loop = on_loop

    def register(self, control: ControlServer) -> None:
        """Answer all of them."""
        control.register("http", self.http)
        control.register("block", self.block)
        control.register("leak", self.leak)
        control.register("clock", self.clock)

    async def http(self, arguments: Arguments, say: Say) -> None:
        """Make an HTTP fault."""
        fault = asked(arguments, HttpFault)
        self._switch.on(fault)
        try:
            await hold(say)
        finally:
            self._switch.off(fault)

    async def block(self, arguments: Arguments, say: Say) -> None:
        """Keep the service's event loop from doing anything."""
        asked(arguments, _Nothing)
        over = threading.Event()
        self._on_loop(lambda: over.wait(BLOCK_S))
        try:
            await hold(say)
        finally:
            over.set()

    async def leak(self, arguments: Arguments, say: Say) -> None:
        """Take memory, and keep it."""
        leak = asked(arguments, _Leak)
        await say({"on": True})
        try:
            piece = int(leak.mb_per_second * _MB * _TICK_S)
            while True:
                if (len(self._switch.ballast) + 1) * piece <= MOST_MB * _MB:
                    self._switch.ballast.append(b"\1" * piece)  # not zero, so that the pages are really taken
                await asyncio.sleep(_TICK_S)
        finally:
            self._switch.ballast.clear()

    async def clock(self, arguments: Arguments, say: Say) -> None:
        """Put the wall clock forward, or back."""
        self._switch.shift = asked(arguments, _Shift).seconds
        try:
            await hold(say)
        finally:
            self._switch.shift = 0.0


class _Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class _Leak(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mb_per_second: float


class _Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds: float
