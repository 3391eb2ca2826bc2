"""``python -m chaos.seam SERVICE``: what ``python -m SERVICE`` runs, with a seam."""

import asyncio
import os
import runpy
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from chaos.seam.clock import install
from chaos.seam.commands import Commands
from chaos.seam.layer import FaultLayer
from chaos.seam.place import seam_of
from chaos.seam.switch import Switch
from chassis.http.asgi import App, add_layer
from warden.control import ControlServer
from warden.environment import MARK
from warden.files import private_folder
from warden.layout import StateFolder


class _Loops:
    """The event loop that serves requests, known from the first layer that is built on it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def note(self) -> None:
        """This is the one."""
        self._loop = asyncio.get_running_loop()

    def call(self, function: Callable[[], object]) -> None:
        """Have it call this."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(function)


def main() -> None:
    """Serve until told to stop."""
    switch, loops = Switch(), _Loops()
    install(switch)

    def layer(app: App) -> App:
        loops.note()
        return FaultLayer(app, switch)

    add_layer(layer)
    place = seam_of(Path(os.environ[MARK]), os.environ["PHAROS_INSTANCE"])
    private_folder(place.path)
    threading.Thread(
        target=lambda: asyncio.run(_listen(place, Commands(switch, loops.call))), name="seam", daemon=True
    ).start()
    service = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(service, run_name="__main__", alter_sys=True)


async def _listen(place: StateFolder, commands: Commands) -> None:
    control = ControlServer(place)
    commands.register(control)
    await control.start()
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    main()
