"""A service that fails is left alone by the edge, its callers are told when to come back, and it is back soon."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from running import Edge, Upstream, attributes

from testkit.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fail(_: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


@pytest_asyncio.fixture(loop_scope="module")
async def upstream(edge: Edge) -> AsyncIterator[Upstream]:
    """A service of this test alone, so that its failures are not held against that of others."""
    upstream = Upstream()
    await upstream.start()
    edge.place("things", f"http://127.0.0.1:{upstream.port}")
    yield upstream
    await upstream.stop()


async def status(edge: Edge) -> int:
    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        return response.status


async def test_a_failing_service_gets_no_more_than_twenty_requests_and_is_back_soon(
    edge: Edge, upstream: Upstream
) -> None:
    loop = asyncio.get_running_loop()
    healthy = upstream.handler
    upstream.handler = fail
    while await status(edge) == 500:
        assert len(upstream.requests) <= 20
    opened = loop.time()
    failed = len(upstream.requests)
    assert failed <= 20

    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        document = await response.json(content_type="application/problem+json")
        assert (response.status, document["reason"]) == (503, "circuit-open")
        assert 1 <= int(response.headers["Retry-After"]) <= 6
    server, refused = await edge.received.trace(response.headers["X-Trace-ID"], 2)
    assert attributes(server)["http.response.status_code"] == "503"
    assert (refused["name"], attributes(refused)["error.type"]) == ("POST /things", "circuit-open")
    assert attributes(refused)["circuit_breaker.state"] == "open"

    upstream.handler = healthy

    async def is_back() -> bool:
        return await status(edge) == 200

    await wait_until(is_back)
    assert loop.time() - opened <= 8.0
    assert [await status(edge) for _ in range(10)] == [200] * 10
    async with edge.http.get(f"{edge.url}/metrics") as response:
        text = await response.text()
    assert f'circuit_breaker_state{{server_address="127.0.0.1:{upstream.port}",service_peer_name="things"}} 0.0' in text
    assert 'circuit_breaker_transitions_total{circuit_breaker_state="open",service_peer_name="things"} 1.0' in text


async def test_a_service_that_sheds_is_spared_some_requests_and_not_left_alone(edge: Edge, upstream: Upstream) -> None:
    async def shed(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "1"})

    healthy, upstream.handler = upstream.handler, shed
    assert {await status(edge) for _ in range(100)} == {503}
    assert 20 <= len(upstream.requests) < 100

    upstream.handler = healthy
    async with edge.http.get(f"{edge.url}/metrics") as response:
        text = await response.text()
    assert f'circuit_breaker_state{{server_address="127.0.0.1:{upstream.port}",service_peer_name="things"}} 0.0' in text

    async def is_back() -> bool:
        return [await status(edge) for _ in range(5)] == [200] * 5

    await wait_until(is_back)


async def test_a_service_that_hangs_holds_only_so_many_requests_of_the_edge(edge: Edge, upstream: Upstream) -> None:
    held = asyncio.Event()
    healthy = upstream.handler

    async def hang(request: web.Request) -> web.StreamResponse:
        await held.wait()
        return await healthy(request)

    upstream.handler = hang
    asked = [asyncio.create_task(status(edge)) for _ in range(60)]

    await wait_until(lambda: sum(one.done() and one.result() == 503 for one in asked) >= 35)
    held.set()

    assert max(await asyncio.gather(*asked)) == 503
    async with edge.http.get(f"{edge.url}/metrics") as response:
        assert 'bulkhead_rejections_total{service_peer_name="things"}' in await response.text()
