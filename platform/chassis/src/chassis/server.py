"""One replica is one process: granian inside this one's event loop, on a socket of our own, from start to drained exit.

granian's command line keeps a parent process and opens its port shared (SO_REUSEPORT), so that a second server on it
takes half of the requests without an error. Here the port is bound exclusively and handed over, and the lifespan is
ours, so that a failing start-up ends the process with its reason.
"""

import asyncio
import errno
import faulthandler
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import uvloop
from granian import net
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from litestar import Litestar
from loguru import logger

from chassis.errors import ConfigurationError
from chassis.lifecycle import Phase
from chassis.plugin import ChassisPlugin
from chassis.settings import ChassisSettings
from chassis.stacks import answer_for_tasks, answer_for_threads

CreateApp = Callable[[Mapping[str, str]], Litestar]

BACKLOG = 1024
EXIT_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: starting again without a change is no use."""
EXIT_PORT_IN_USE = 69
"""EX_UNAVAILABLE: the port is another process's; it may become free."""
_SocketHolder: Any = net.SocketHolder  # type: ignore[attr-defined] # its stub leaves the arguments out

_ENDING = (signal.SIGTERM, signal.SIGINT)

GC_THRESHOLDS = (10_000, 20, 20)
"""Allocations before a collection of the young objects, and how many of those before the older ones'."""

STOP_S = 5.0
"""What consumers, jobs, pools and the last telemetry have after the last request; then the process is ended."""


class PortInUseError(Exception):
    """Another process listens on the port."""


class _EmbeddedServer(Server):
    """granian on a socket that is already listening."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        super().__init__(
            app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            log_enabled=False,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._shd = _SocketHolder(self._listener.detach(), False, BACKLOG)


def run(create_app: CreateApp, environ: Mapping[str, str] | None = None) -> NoReturn:
    """Build the application, serve it until SIGTERM or SIGINT, drain, and exit.

    Exits 0 after a drain, 78 when the configuration is wrong, 69 when the port is in use, 1 on any other failure.
    """
    faulthandler.enable()
    answer_for_threads()
    code = _outcome(create_app, os.environ if environ is None else environ)
    sys.stdout.flush()
    sys.stderr.flush()
    # All that needs an end has had it; taking the interpreter apart as well costs 0.2 s of CPU for nothing.
    os._exit(code)


def _outcome(create_app: CreateApp, environ: Mapping[str, str]) -> int:
    try:
        # Not closed: closing gives the signals back to the system, and a late one would turn the exit of a drained
        # process into a death by that signal.
        uvloop.new_event_loop().run_until_complete(_live(create_app, environ))
    except Exception as error:  # noqa: BLE001 - the last resort of the process
        return _exit_code(innermost(error))
    return 0


def _exit_code(error: BaseException) -> int:
    if isinstance(error, ConfigurationError | PortInUseError):
        print(f"cannot start: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_CONFIGURATION if isinstance(error, ConfigurationError) else EXIT_PORT_IN_USE
    logger.opt(exception=error).critical("start-up or serving failed")
    return 1


def innermost(error: BaseException) -> BaseException:
    """The one error inside the groups that Litestar's lifespan wraps around it."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _live(create_app: CreateApp, environ: Mapping[str, str]) -> None:
    """The whole life of the replica inside its event loop."""
    signals = _Signals()
    answer_for_tasks()
    app = create_app(environ)
    plugin = app.plugins.get(ChassisPlugin)
    settings = plugin.settings
    with open_listener(settings.host, settings.port) as listener:
        async with app.lifespan():
            server = _EmbeddedServer(app, listener)
            serving = asyncio.ensure_future(server.serve())
            plugin.lifecycle.advance(Phase.READY)
            _spare_collector()
            logger.info("listening on {}:{}", settings.host, settings.port)
            await _first(serving, signals.first)
            if serving.done():
                raise RuntimeError("the HTTP server ended by itself") from serving.exception()
            plugin.lifecycle.advance(Phase.DRAINING)
            await _drain(server, serving, settings, signals)
        plugin.lifecycle.advance(Phase.STOPPED)


def _spare_collector() -> None:
    """What start-up made lives as long as the process, so no later collection need walk through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _drain(server: Server, serving: asyncio.Future[None], settings: ChassisSettings, signals: "_Signals") -> None:
    """Let balancers notice, close the port, let requests in flight finish. A second signal cuts it short."""
    limit = settings.drain_notice + settings.drain_deadline + STOP_S
    faulthandler.dump_traceback_later(limit, exit=True)
    await _first(signals.second, timeout=settings.drain_notice)
    server.stop()  # type: ignore[no-untyped-call]
    await _first(serving, signals.second, timeout=settings.drain_deadline)
    if not serving.done():
        logger.warning("requests still in flight after {} s are cut off", settings.drain_deadline)


async def _first(*waits: "asyncio.Future[Any]", timeout: float | None = None) -> None:  # noqa: ASYNC109
    await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


class _Signals:
    """The first and the second request to end."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.first: asyncio.Future[None] = loop.create_future()
        self.second: asyncio.Future[None] = loop.create_future()
        for number in _ENDING:
            loop.add_signal_handler(number, self._receive, number)

    def _receive(self, number: int) -> None:
        logger.info("{} received", signal.Signals(number).name)
        if not self.first.done():
            self.first.set_result(None)
        elif not self.second.done():
            self.second.set_result(None)


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket that no other process shares.

    Raises:
        PortInUseError: another process listens there.
        ConfigurationError: the address is not one of this machine's, or the port is not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it; without it an answer in two parts waits 40 ms for the caller's acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"{host}:{port} is in use by another process; end it or set another PHAROS_PORT"
            ) from None
        raise ConfigurationError(
            "PHAROS_HOST, PHAROS_PORT", f"{host}:{port}: {error.strerror}", "give an address of this machine"
        ) from None
    return listener
