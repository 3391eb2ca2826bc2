"""Asking over HTTP: answers are read whole, and connections are used again as long as that is sound."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testkit import free_port, wait_until
from warden.http import Answer, answer_in
from warden.line import Line
from warden.probe import HttpReady, lasting

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Answers every request with the same bytes; an empty answer is none."""

    port: int
    answer: bytes = OK
    connections: list[asyncio.StreamWriter] = field(default_factory=list)
    requests: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                writer.write(self.answer)
        except asyncio.IncompleteReadError:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(0)
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        for connection in made.connections:
            connection.close()
        listening.close()


async def test_a_connection_is_used_for_ten_questions_and_then_another_is_made(server: Server) -> None:
    line = Line("127.0.0.1", server.port)
    for _ in range(20):
        assert (await line.get("/")).body == b"ok"
    assert (server.requests, len(server.connections)) == (20, 2)


async def test_a_connection_that_was_closed_meanwhile_is_made_anew(server: Server) -> None:
    line = Line("127.0.0.1", server.port)
    await line.get("/")
    kept_one = line._kept
    assert kept_one is not None
    server.connections[0].close()
    await wait_until(lambda: kept_one.closed)

    assert (await line.get("/")).status == 200
    assert len(server.connections) == 2


async def test_a_connection_is_not_used_again_where_the_answer_says_so(server: Server) -> None:
    server.answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    line = Line("127.0.0.1", server.port)
    await line.get("/")
    await line.get("/")
    assert len(server.connections) == 2


async def test_a_late_answer_is_not_taken_for_that_of_the_next_question(server: Server) -> None:
    probe = lasting(HttpReady(server.port), 0.05)
    server.answer = b""
    assert await probe() == "no answer within 0.05 s"
    server.connections[0].write(OK)

    server.answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nlate"
    assert await probe() == "HTTP 503 late"
    assert len(server.connections) == 2


async def test_two_who_ask_at_once_get_their_own_answers(server: Server) -> None:
    line = Line("127.0.0.1", server.port)
    answers = await asyncio.gather(*(line.get("/") for _ in range(3)))
    assert [one.body for one in answers] == [b"ok"] * 3
    assert len(server.connections) == 3


async def test_nobody_there_is_said() -> None:
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await Line("127.0.0.1", free_port()).get("/")


@pytest.mark.parametrize(
    ("came", "body"),
    [
        (OK, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_an_answer_is_whole_with_its_last_byte_and_not_before(came: bytes, body: bytes) -> None:
    whole = answer_in(came, ended=False)
    assert whole is not None
    assert whole.body == body
    head = came.index(b"\r\n\r\n")
    for end in range(head):
        assert answer_in(came[:end], ended=False) is None


def test_without_a_length_the_answer_is_whole_when_the_connection_ends() -> None:
    came = b"HTTP/1.0 200 OK\r\n\r\nall of it"
    assert answer_in(came, ended=False) is None
    assert answer_in(came, ended=True) == Answer(200, b"all of it", keep=False)


@pytest.mark.parametrize(
    "came",
    [
        b"",
        b"220 mail ready\r\n",
        b"SSH-2.0-x\r\n\r\n",
        OK[:-1],
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_answer_or_only_a_part_of_one_is_an_error_when_the_connection_ends(came: bytes) -> None:
    with pytest.raises(ConnectionError):
        answer_in(came, ended=True)


@given(st.binary(max_size=200))
def test_whatever_comes_is_an_answer_or_an_error(came: bytes) -> None:
    for written in (came, b"HTTP/1.1 200 OK\r\n" + came):
        try:
            answer_in(written, ended=True)
        except ConnectionError:
            continue
