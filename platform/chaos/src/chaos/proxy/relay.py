"""Passing connections on to a port on loopback, with a toxic."""

import asyncio
import random
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

from chaos.proxy.toxics import NONE, Toxic

_HOST: Final = "127.0.0.1"
_PIECE: Final = 64 * 1024
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST (tcp(7), socket(7))."""


class Relay:
    """An asynchronous context manager; `port` is where it listens."""

    def __init__(self, upstream: int, toxic: Toxic, draw: Callable[[], float] = random.random) -> None:
        self._upstream = upstream
        self._toxic = toxic
        self._draw = draw
        self._open: dict[asyncio.Task[None], socket.socket] = {}

    async def __aenter__(self) -> Self:
        self._listener = socket.create_server((_HOST, 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        left = dict(self._open)
        for task in (self._accepting, *left):
            task.cancel()
        await asyncio.gather(self._accepting, *left, return_exceptions=True)
        del self._accepting  # with it goes a connection that it was just being given
        for connection in (self._listener, *left.values()):
            connection.close()  # also those whose task had not begun

    async def _accept(self) -> None:
        """By hand: a server of asyncio's may end with connections that nobody was told of yet, and leave them open."""
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._listener)
            task = asyncio.create_task(self._serve(connection))
            self._open[task] = connection
            task.add_done_callback(self._open.pop)

    async def _serve(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            await self._pass_on(reader, writer)
        except OSError:  # the other side is not there, or has gone: who connected here sees a closed connection
            pass
        finally:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        toxic = self._toxic if self._draw() < self._toxic.share else NONE
        if toxic.kind == "black-hole":
            while await reader.read(_PIECE):
                pass
            return
        if toxic.kind == "reset":
            await reader.read(_PIECE)
            _reset(writer)
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(_HOST, self._upstream)
        try:
            both = [
                asyncio.ensure_future(_copy(reader, upstream_writer, 0.0)),
                asyncio.ensure_future(_copy(upstream_reader, writer, toxic.seconds)),
            ]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in both:
                one.cancel()
        finally:
            upstream_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    with suppress(ConnectionError):  # either side may go at any moment; the other is closed then
        while piece := await reader.read(_PIECE):
            if delay:
                await asyncio.sleep(delay)
            writer.write(piece)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
