"""Asking a running warden to do something: JSON documents, a line each, over a Unix socket in the state folder.

One connection is one request: `{"command": NAME, "arguments": {…}}`. The answer is any number of
`{"type": "progress", "document": …}` and then one `{"type": "done", "document": …}` or
`{"type": "refused", "reason": …, "message": …, "hint": …}`. When the asking side goes away, by kill -9 too, the
command is cancelled: a command that holds something for its caller undoes it in a `finally`.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec
from loguru import logger

from warden.errors import ControlRefused, NotSupervised, as_warden_error
from warden.layout import StateFolder

Shape = TypeVar("Shape", bound=msgspec.Struct)
_BACKLOG = 16
_REQUEST_SECONDS = 5.0
_LIMIT = 1024 * 1024  # bytes of one line


class Say(Protocol):
    """Tells the asking side how a command gets on."""

    async def __call__(self, document: Any) -> None:
        """Send one progress document."""


Arguments = Mapping[str, Any]
_NONE: Arguments = MappingProxyType({})
Command = Callable[[Arguments, Say], Awaitable[Any]]
"""Does what was asked and returns the final document; raises a WardenError to refuse."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked."""

    command: str
    arguments: dict[str, Any] = {}


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How it gets on."""

    document: Any


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It is done."""

    document: Any


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """It was not done."""

    reason: str
    message: str
    hint: str = ""


_request: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
decode_answer: "Callable[[bytes], Progress | Done | Refused]" = msgspec.json.Decoder(Progress | Done | Refused).decode


def asked(arguments: Arguments, kind: type[Shape]) -> Shape:
    """The arguments of a request in the shape that its command has.

    Raises:
        ControlRefused: they have another.
    """
    try:
        return msgspec.convert(dict(arguments), kind)
    except msgspec.ValidationError as error:
        raise ControlRefused("bad-request", f"that cannot be asked: {error}", "correct the arguments") from None


async def hold(say: Say) -> NoReturn:
    """Say that it is done, and go on until the asking side closes: what was done is then undone."""
    await say({"held": True})
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nobody ends it but by cancelling")


class ControlServer:
    """Answers on the socket of one state folder; only the folder's owner can reach it."""

    def __init__(self, state: StateFolder) -> None:
        """Knows no command yet."""
        self._path = state.control
        self._commands: dict[str, Command] = {}
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    def register(self, name: str, command: Command) -> None:
        """Answer this command from now on.

        Raises:
            ValueError: another one has that name.
        """
        if name in self._commands:
            raise ValueError(f"two commands are named {name!r}")
        self._commands[name] = command

    async def start(self) -> None:
        """Begin to listen; what a dead warden left of its socket is replaced.

        Raises:
            OSError: the socket could not be made.
        """
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with short_name(self._path) as path:
            listener.bind(path)
        self._path.chmod(0o600)
        self._server = await asyncio.start_unix_server(self._connected, sock=listener, backlog=_BACKLOG, limit=_LIMIT)

    async def stop(self) -> None:
        """Cancel what is under way, and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            self._serving.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(document: Any) -> None:
            await _send(writer, Progress(document))

        with suppress(ConnectionError):
            try:
                request = await _read_request(reader)
                command = self._find(request.command)
                answer = await _while_connected(command(request.arguments, say), reader)
                await _send(writer, Done(answer))
            except ConnectionError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the one who asked is told
                known = as_warden_error(error)
                if known.reason == "defect":
                    logger.opt(exception=error).error("a command failed")
                await _send(writer, Refused(known.reason, known.message, known.hint))

    def _find(self, name: str) -> Command:
        if name not in self._commands:
            known = ", ".join(sorted(self._commands))
            raise ControlRefused("unknown-command", f"warden knows no command {name!r}", f"it knows {known}")
        return self._commands[name]


def ignore(document: Any) -> None:
    """Progress that nobody wants to see."""
    del document


async def ask(
    state: StateFolder, command: str, arguments: Arguments = _NONE, on_progress: Callable[[Any], object] = ignore
) -> Any:
    """Have the running warden of this folder do something, and wait for its final document.

    Cancelling this closes the connection, which cancels the command.

    Raises:
        NotSupervised: no warden answers.
        ControlRefused: it said no; with its reason and what to do.
    """
    reader, writer = await _connect(state)
    try:
        await _send(writer, Request(command, dict(arguments)))
        while line := await reader.readline():
            match decode_answer(line):
                case Progress(document):
                    on_progress(document)
                case Done(document):
                    return document
                case Refused(reason, message, hint):
                    raise ControlRefused(reason, message, hint)
    except ConnectionError:
        pass
    finally:
        writer.close()
    raise NotSupervised(f"warden ended while it did {command}", "see what runs: ./just status")


async def _connect(state: StateFolder) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        with short_name(state.control) as path:
            return await asyncio.open_unix_connection(path, limit=_LIMIT)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotSupervised(f"no warden runs for {state.path}", "start one with: ./just up") from None


async def _read_request(reader: asyncio.StreamReader) -> Request:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            return _request.decode(await reader.readline())
    except (TimeoutError, ValueError, msgspec.DecodeError) as error:
        raise ControlRefused(
            "bad-request", f"that is no request: {error}", "send one JSON document on a line"
        ) from None


async def _while_connected(doing: Awaitable[Any], reader: asyncio.StreamReader) -> Any:
    """The command's result; it is cancelled when the asking side closes.

    Raises:
        ConnectionError: it closed.
    """
    task = asyncio.ensure_future(doing)
    closed = asyncio.ensure_future(reader.read())
    try:
        await asyncio.wait([task, closed], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ConnectionResetError
    finally:
        closed.cancel()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _send(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    writer.write(msgspec.json.encode(message) + b"\n")
    await writer.drain()


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name of the socket that fits its 107 bytes (unix(7)) however deep the folder is: by the folder's descriptor."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        through = Path(f"/proc/self/fd/{descriptor}")
        yield str(through / path.name if through.exists() else path)
    finally:
        os.close(descriptor)
