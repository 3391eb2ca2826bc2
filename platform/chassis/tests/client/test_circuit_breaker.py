"""A replica that fails is left alone, its callers are told at once, and it is back as soon as it is well."""

import asyncio

from aiohttp import web
from breaking import Clock, answering, get, post, state_of, until_refused
from replicas import Connect, Start

from chassis.client import CircuitOpen, ClientConfig, UpstreamProblem
from chassis.resilience import BreakerConfig, EjectionConfig


async def test_after_twenty_failures_no_request_is_sent_any_more(start: Start, connect: Connect) -> None:
    replica = await start(answering(500))
    client = connect(replica.url)

    assert await until_refused(client) <= 20
    for _ in range(50):
        assert isinstance(await post(client), CircuitOpen)
    assert len(replica.requests) <= 20


async def test_the_refusal_says_when_to_come_back(start: Start, connect: Connect) -> None:
    client = connect((await start(answering(500))).url)
    await until_refused(client)

    refusal = await post(client)

    assert isinstance(refusal, CircuitOpen)
    assert (refusal.status, refusal.reason, refusal.service) == (503, "circuit-open", "things")
    assert refusal.retry_after is not None
    assert 3.5 < refusal.retry_after <= 6.0
    assert refusal.headers["Retry-After"] in {"4", "5", "6"}


async def test_a_replica_that_healed_is_back_within_six_seconds(start: Start, connect: Connect) -> None:
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock)
    await until_refused(client)
    replica.handler = answering(200)

    waited = 0.0
    while await post(client) is not None:
        clock.ahead += 0.1
        waited += 0.1

    assert waited <= 6.0
    assert [await post(client) for _ in range(30)] == [None] * 30
    assert state_of(replica) == 0


async def test_a_replica_that_is_still_ill_is_asked_once_and_left_alone_for_longer(
    start: Start, connect: Connect
) -> None:
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock)
    await until_refused(client)
    asked = len(replica.requests)
    clock.ahead += 6.01

    assert isinstance(await post(client), UpstreamProblem)
    refusal = await post(client)

    assert isinstance(refusal, CircuitOpen)
    assert 7.5 < refusal.closed_for <= 12.0
    assert len(replica.requests) == asked + 1


async def test_only_three_requests_at_a_time_try_a_replica(start: Start, connect: Connect) -> None:
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock)
    await until_refused(client)
    arrived, go_on = asyncio.Semaphore(0), asyncio.Event()
    asked = len(replica.requests)

    async def wait(_: web.BaseRequest) -> web.StreamResponse:
        arrived.release()
        await go_on.wait()
        return web.json_response({})

    replica.handler = wait
    clock.ahead += 6.01
    async with asyncio.TaskGroup() as group:
        probes = [group.create_task(post(client)) for _ in range(3)]
        for _ in range(3):
            await arrived.acquire()
        assert isinstance(await post(client), CircuitOpen)
        go_on.set()

    assert [probe.result() for probe in probes] == [None] * 3
    assert len(replica.requests) == asked + 3
    assert await post(client) is None


async def test_another_replica_takes_over_without_a_caller_noticing(start: Start, connect: Connect) -> None:
    well, ill = await start(answering(200)), await start(answering(500))
    client = connect(well.url, ill.url, config=ClientConfig(ejection=EjectionConfig(enabled=False)))
    failed = sum([await post(client) is not None for _ in range(200)])

    assert failed == len(ill.requests) <= 20
    assert (state_of(well), state_of(ill)) == (0, 2)


async def test_another_replica_takes_over_long_before_the_circuit_opens(start: Start, connect: Connect) -> None:
    well, ill = await start(answering(200)), await start(answering(500))
    client = connect(well.url, ill.url, clock=lambda: 1000.0)
    failed = sum([await post(client) is not None for _ in range(200)])

    assert failed == len(ill.requests) == 5
    assert (state_of(well), state_of(ill)) == (0, 0)


async def test_a_retry_does_not_go_to_a_replica_whose_circuit_just_opened(start: Start, connect: Connect) -> None:
    replica = await start(answering(503))
    client = connect(replica.url, config=ClientConfig(breaker=BreakerConfig(calls=2)))

    assert isinstance(await get(client), UpstreamProblem)
    assert len(replica.requests) == 2
    assert isinstance(await get(client), CircuitOpen)


async def test_a_refused_call_brings_nothing_into_the_retry_budget(start: Start, connect: Connect) -> None:
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock, config=ClientConfig(breaker=BreakerConfig(open_first=9, jitter=0)))
    await until_refused(client)
    for _ in range(500):
        await post(client)
    clock.ahead += 9.0
    replica.handler = answering(503)

    assert isinstance(await get(client), UpstreamProblem)
    peer = client._sender._peer("things")
    assert peer.budget.available(clock()) < 13.0
