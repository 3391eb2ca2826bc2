"""What opens a circuit breaker, and what does not."""

import asyncio
import time

import msgspec
import pytest
from aiohttp import web
from breaking import Clock, answering, get, hang, post, state_of, until_refused
from replicas import Connect, Handler, Start

from chassis.client import CallTimedOut, CircuitOpen, ClientConfig, Unreachable, UpstreamProblem
from chassis.resilience import BreakerConfig, Deadline, ThrottleConfig, bind_deadline
from chassis.resilience.retry import RetryPolicy

ONCE = ClientConfig(retry=RetryPolicy(attempts=1))


@pytest.mark.parametrize(
    "handler",
    [
        answering(404),
        answering(422),
        answering(429),
        answering(503, Retry_After="1"),
        answering(502, X_Upstream_Retried="true"),
        answering(504, X_Upstream_Retried="true"),
    ],
    ids=["not found", "invalid", "too many", "shed", "further on failed", "further on hung"],
)
async def test_a_refusal_does_not_open_the_circuit(start: Start, connect: Connect, handler: Handler) -> None:
    replica = await start(handler)
    client = connect(replica.url, config=msgspec.structs.replace(ONCE, throttle=ThrottleConfig(enabled=False)))
    for _ in range(60):
        assert isinstance(await get(client), UpstreamProblem)
    assert len(replica.requests) == 60
    assert state_of(replica) == 0


async def test_nobody_listening_opens_the_circuit(connect: Connect) -> None:
    client = connect("http://127.0.0.1:9", config=ONCE)
    for _ in range(20):
        assert isinstance(await post(client), Unreachable)
    assert isinstance(await post(client), CircuitOpen)


async def test_hanging_opens_the_circuit_and_the_callers_are_free_at_once(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    config = ClientConfig(connect_timeout=5.0, attempt_timeout=1.0, retry=ONCE.retry)
    client = connect(replica.url, config=config, clock=lambda: 1000.0)
    await asyncio.gather(*(get(client) for _ in range(20)))

    assert isinstance(await get(client), CircuitOpen)
    assert len(replica.requests) == 20


async def test_slow_replies_open_the_circuit_where_slow_is_a_figure(start: Start, connect: Connect) -> None:
    clock = Clock()

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        clock.ahead += 0.3
        return web.json_response({})

    client = connect((await start(slow)).url, clock=clock, config=ClientConfig(breaker=BreakerConfig(slow=0.3)))
    assert await until_refused(client) == 20


async def test_a_caller_without_time_does_not_open_the_circuit(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    client = connect(replica.url, config=ONCE)

    async def impatient() -> None:
        with bind_deadline(Deadline.after(0.1, time.monotonic())):
            assert await get(client) is not None

    await asyncio.gather(*(impatient() for _ in range(40)))

    assert state_of(replica) == 0


async def test_a_caller_that_got_no_time_itself_does_not_blame_the_replica(start: Start, connect: Connect) -> None:
    replica, clock = await start(hang), Clock()
    client = connect(replica.url, clock=clock, config=ClientConfig(attempt_timeout=0.05, retry=ONCE.retry))
    for _ in range(40):
        call = asyncio.create_task(get(client))
        await asyncio.sleep(0)
        clock.ahead += 0.2
        assert isinstance(await call, CallTimedOut)
    assert state_of(replica) == 0


async def test_a_cancelled_call_does_not_count_and_gives_its_place_back(start: Start, connect: Connect) -> None:
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock)
    await until_refused(client)
    arrived = asyncio.Semaphore(0)

    async def wait(request: web.BaseRequest) -> web.StreamResponse:
        arrived.release()
        return await hang(request)

    replica.handler = wait
    clock.ahead += 6.01
    for _ in range(5):
        probe = asyncio.create_task(post(client))
        await arrived.acquire()
        probe.cancel()
        await asyncio.wait([probe])
        assert probe.cancelled()
    assert state_of(replica) == 1
    replica.handler = answering(200)
    assert await post(client) is None


async def test_a_body_that_breaks_off_counts(start: Start, connect: Connect) -> None:
    async def break_off(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return response

    client = connect((await start(break_off)).url)
    assert await until_refused(client) <= 20
