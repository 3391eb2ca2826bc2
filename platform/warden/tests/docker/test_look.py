"""How a container is, by what it answers and by what the engine says of it."""

import asyncio

import pytest

from testkit import free_port
from warden.decide.figures import Figures
from warden.decide.model import Live, Observation, Ready
from warden.docker.engine import Container
from warden.docker.look import look
from warden.pages import Page, serve

FAILING = b'{"status":"failing","checks":{"database":{"status":"ok"},"broker":{"status":"failing"}}}'


def container(alive: str, ready: str = "", *, health: str = "", state: str = "running") -> Container:
    return Container(
        id="1", part="orders", number=1, state=state, health=health, address="127.0.0.1", alive=alive, ready=ready
    )


async def seen(one: Container) -> list[Observation]:
    return await look([one], Figures(liveness_timeout=0.2))


async def test_one_that_answers_is_alive_and_what_it_lacks_is_named() -> None:
    port = free_port()
    pages = {"/live": Page(200, "", b"ok"), "/ready": Page(503, "application/json", FAILING)}
    routes = {f"GET {path}": lambda _, page=page: page for path, page in pages.items()}
    async with await serve("127.0.0.1", port, routes):
        alive, ready = await seen(container(f"{port}/live", f"{port}/ready"))
        assert alive == Live("orders-1", ok=True)
        assert isinstance(ready, Ready)
        assert (ready.ok, ready.lacks) == (False, ("nats",))
        assert await seen(container(f"{port}/live")) == [alive, Ready("orders-1", ok=True)]


async def test_one_that_does_not_answer_is_neither_alive_nor_ready() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        alive, ready = await seen(container(f"{port}/live", f"{port}/ready"))
    assert isinstance(alive, Live)
    assert isinstance(ready, Ready)
    assert (alive.ok, ready.ok) == (False, False)
    assert "no answer within" in alive.detail


@pytest.mark.parametrize(("health", "ok"), [("healthy", True), ("unhealthy", False), ("", True)])
async def test_without_an_address_the_engines_health_check_counts(health: str, ok: bool) -> None:
    found = await seen(container("engine", health=health))
    assert [one.ok for one in found if isinstance(one, Live | Ready)] == [ok, ok]


async def test_one_that_is_paused_is_asked_as_any_other_and_does_not_answer() -> None:
    for alive in ("engine", f"{free_port()}/live"):
        found = await seen(container(alive, state="paused"))
        assert [one.ok for one in found if isinstance(one, Live | Ready)] == [False, False]


async def test_nothing_is_known_of_one_that_is_starting_or_does_not_run() -> None:
    assert await seen(container("engine", health="starting")) == []
    assert await seen(container("engine", state="exited")) == []
