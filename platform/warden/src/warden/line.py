"""Asking the same process over HTTP again and again: a connection for each question would be most of warden's cost."""

import asyncio
from typing import cast

from warden.http import Answer, answer_in

_QUESTIONS = 10
"""On one connection; then another is made, so that a process which accepts no more connections is noticed, too."""


class Line:
    """Asks one port, one question at a time, and keeps the connection for the next one where that is allowed."""

    def __init__(self, host: str, port: int, questions: int = _QUESTIONS) -> None:
        """Nothing is connected before the first question; with one question a connection, none is kept."""
        self._host, self._port, self._questions = host, port, questions
        self._kept: _Connection | None = None

    async def get(self, path: str) -> Answer:
        """The answer to GET; whoever asks bounds the time, and a question that is given up ends the connection.

        Raises:
            OSError: there is no answer, or none that is HTTP.
        """
        connection, self._kept = self._kept, None
        if connection is None or connection.closed:
            connection = await self._connect()
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode()
        try:
            answer = await connection.ask(request)
        except BaseException:
            connection.close()
            raise
        if answer.keep and connection.asked < self._questions and self._kept is None:
            self._kept = connection
        else:
            connection.close()
        return answer

    async def _connect(self) -> "_Connection":
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
        return connection


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.closed, self.asked = False, 0
        self._came = b""
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes) -> Answer:
        self.asked, self._came = self.asked + 1, b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.closed = True
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        self._settle(ended=False)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if error is not None and self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._settle(ended=True)

    def _settle(self, *, ended: bool) -> None:
        if self._answer is None or self._answer.done():
            return
        try:
            answer = answer_in(self._came, ended=ended)
        except ConnectionError as error:
            self._answer.set_exception(error)
            return
        if answer is not None:
            self._answer.set_result(answer)
