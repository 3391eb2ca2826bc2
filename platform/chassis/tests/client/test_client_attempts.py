"""Attempt after attempt: which failures are repeated, where, and what is recorded of each."""

import asyncio
import time

import pytest
from aiohttp import web
from prometheus_client import REGISTRY
from replicas import Connect, Handler, Start

from chassis.client import ClientConfig, ConnectionLost, InvalidUpstreamReply, Unreachable, UpstreamProblem
from chassis.client.failures import EXPECTED, outcome_of
from chassis.errors import DeadlineExceeded
from chassis.resilience import BreakerConfig, BudgetConfig, Outcome
from chassis.telemetry import span
from chassis.telemetry.testing import CapturedSpan

NOWHERE = "http://127.0.0.1:9"


async def ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({})


def answering(status: int, **headers: str) -> Handler:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({}, status=status, headers=headers)

    return answer


async def hang(_: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def drop(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def garble(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"SMTP ready\r\n\r\n")
    request.transport.close()
    return web.Response()


def retries(outcome: str) -> float:
    labels = {"service_peer_name": "things", "call_retry_outcome": outcome}
    return REGISTRY.get_sample_value("call_retries_total", labels) or 0.0


async def test_retries_are_counted_and_so_are_those_that_the_budget_refuses(start: Start, connect: Connect) -> None:
    replica = await start(answering(503))
    config = ClientConfig(budget=BudgetConfig(floor_per_s=0.1), breaker=BreakerConfig(enabled=False))
    client, made, refused = connect(replica.url, config=config), retries("made"), retries("refused")
    for _ in range(10):
        with pytest.raises(UpstreamProblem):
            await client.request("things", "GET", "/things", operation="list_things")
    assert len(replica.requests) == 10 + retries("made") - made
    assert retries("made") > made
    assert retries("refused") > refused


async def test_each_attempt_is_a_client_span_whose_context_travels(
    start: Start, connect: Connect, spans: list[CapturedSpan]
) -> None:
    replica = await start(answering(503))
    with span("work") as work, pytest.raises(UpstreamProblem):
        await connect(replica.url).request(
            "things", "GET", "/things/{thing_id}", operation="get_thing", path_params={"thing_id": 7}, query={"q": "s"}
        )
    attempts = [one for one in spans if one.kind == "client"]
    assert [one.attributes.get("http.request.resend_count") for one in attempts] == [None, 1, 2]
    assert [request.headers["traceparent"] for request in replica.requests] == [
        f"00-{one.trace_id}-{one.span_id}-01" for one in attempts
    ]
    for one in attempts:
        assert one.name == "GET /things/{thing_id}"
        assert one.parent_span_id == work.span_id  # type: ignore[union-attr]
        assert one.attributes["url.full"] == f"{replica.url}/things/7"
        assert one.attributes["error.type"] == "503"
        assert one.attributes["http.response.status_code"] == 503
        assert one.attributes["service.peer.name"] == "things"
        assert one.status == "error"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_callee_that_cannot_is_asked_three_times(start: Start, connect: Connect, status: int) -> None:
    replica = await start(answering(status))
    with pytest.raises(UpstreamProblem):
        await connect(replica.url).request("things", "GET", "/things", operation="list_things")
    assert len(replica.requests) == 3


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 503), ("PATCH", 503), ("GET", 500), ("GET", 409), ("PUT", 501)]
)
async def test_what_is_not_safe_or_no_use_is_asked_once(
    start: Start, connect: Connect, method: str, status: int
) -> None:
    replica = await start(answering(status))
    with pytest.raises(UpstreamProblem):
        await connect(replica.url).request("things", method, "/things", operation="x")
    assert len(replica.requests) == 1


async def test_retry_after_is_waited_for_when_there_is_time(start: Start, connect: Connect) -> None:
    replies = [answering(429, **{"Retry-After": "1"}), ok]

    async def second_time(request: web.BaseRequest) -> web.StreamResponse:
        return await replies.pop(0)(request)

    replica = await start(second_time)
    began = time.monotonic()
    await connect(replica.url).request("things", "GET", "/things", operation="x", timeout=3.0)
    assert 1.0 <= time.monotonic() - began < 1.5


async def test_retry_after_beyond_the_deadline_ends_the_call_at_once(start: Start, connect: Connect) -> None:
    replica = await start(answering(503, **{"Retry-After": "60"}))
    began = time.monotonic()
    with pytest.raises(UpstreamProblem):
        await connect(replica.url).request("things", "GET", "/things", operation="x")
    assert time.monotonic() - began < 0.5
    assert len(replica.requests) == 1


async def test_a_failure_that_was_retried_further_on_is_not_retried_here(start: Start, connect: Connect) -> None:
    leaf = await start(answering(503))
    to_leaf = connect(leaf.url)

    async def relay(_: web.BaseRequest) -> web.StreamResponse:
        with pytest.raises(UpstreamProblem) as caught:
            await to_leaf.request("things", "GET", "/things", operation="x")
        return web.json_response({}, status=caught.value.status, headers=caught.value.headers)

    middle = await start(relay)
    with pytest.raises(UpstreamProblem):
        await connect(middle.url).request("things", "GET", "/things", operation="x")
    assert (len(middle.requests), len(leaf.requests)) == (1, 3)


async def test_another_replica_takes_what_one_cannot(start: Start, connect: Connect) -> None:
    well, ill = await start(ok), await start(answering(503))
    client = connect(well.url, ill.url)
    for _ in range(10):
        await client.request("things", "GET", "/things", operation="x")
    assert len(well.requests) == 10


async def test_an_unreachable_replica_is_left_out_after_one_failure(start: Start, connect: Connect) -> None:
    well = await start(ok)
    client = connect(NOWHERE, well.url)
    for _ in range(20):
        await client.request("things", "POST", "/things", operation="x")
    assert len(well.requests) == 20


async def test_when_nobody_is_reachable_even_a_write_was_tried_three_times(
    connect: Connect, spans: list[CapturedSpan]
) -> None:
    with pytest.raises(Unreachable) as caught:
        await connect(NOWHERE).request("things", "POST", "/things", operation="x")
    assert (caught.value.status, caught.value.reason) == (503, "upstream-unreachable")
    assert [one.attributes["error.type"] for one in spans] == ["not-connected"] * 3


async def test_a_hanging_read_is_tried_again_within_the_deadline(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    client = connect(replica.url, config=ClientConfig(attempt_timeout=0.1))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        await client.request("things", "GET", "/things", operation="x", timeout=2.0)
    assert time.monotonic() - began < 1.0
    assert len(replica.requests) == 3


async def test_a_hanging_write_has_all_the_time_there_is(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    client = connect(replica.url, config=ClientConfig(attempt_timeout=0.1))
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        await client.request("things", "POST", "/things", operation="x", timeout=0.4)
    assert time.monotonic() - began >= 0.4
    assert len(replica.requests) == 1


async def test_a_connection_lost_during_a_write_leaves_its_effect_unknown(start: Start, connect: Connect) -> None:
    replica = await start(drop)
    with pytest.raises(ConnectionLost):
        await connect(replica.url).request("things", "POST", "/things", operation="x")
    assert len(replica.requests) == 1


async def test_a_repeated_write_waits_for_the_first_one_still_being_handled(start: Start, connect: Connect) -> None:
    replies = [drop, *[answering(409, **{"Retry-After": "0"})] * 4, ok]

    async def in_turn(request: web.BaseRequest) -> web.StreamResponse:
        return await replies.pop(0)(request)

    replica = await start(in_turn)
    await connect(replica.url).request("things", "POST", "/things", operation="x", idempotency_key="k")
    assert len(replica.requests) == 6


async def test_a_write_that_another_caller_is_making_is_a_conflict_at_once(start: Start, connect: Connect) -> None:
    replica = await start(answering(409, **{"Retry-After": "0"}))
    with pytest.raises(UpstreamProblem):
        await connect(replica.url).request("things", "POST", "/things", operation="x", idempotency_key="k")
    assert len(replica.requests) == 1


async def test_what_is_not_http_is_not_tried_again(start: Start, connect: Connect) -> None:
    replica = await start(garble)
    with pytest.raises(InvalidUpstreamReply):
        await connect(replica.url).request("things", "POST", "/things", operation="x")
    assert len(replica.requests) == 1


async def test_a_service_in_trouble_gets_ten_percent_more_calls(start: Start, connect: Connect) -> None:
    replica = await start(answering(502))
    client = connect(replica.url, config=ClientConfig(breaker=BreakerConfig(enabled=False)))

    async def call() -> None:
        with pytest.raises(UpstreamProblem):
            await client.request("things", "GET", "/things", operation="x")

    for _ in range(15):
        await asyncio.gather(*(call() for _ in range(20)))
    assert 300 < len(replica.requests) <= 300 * 1.1


async def test_a_cancelled_call_ends_its_span_and_frees_its_place(
    start: Start, connect: Connect, spans: list[CapturedSpan]
) -> None:
    replica = await start(hang)
    client = connect(replica.url)
    call = asyncio.create_task(client.request("things", "POST", "/things", operation="x"))
    async with asyncio.timeout(5):
        while not replica.requests:  # noqa: ASYNC110 - the server runs in this loop and tells nobody
            await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(spans) == 1


def test_every_exception_an_attempt_expects_has_an_outcome() -> None:
    kinds = [kind for base in EXPECTED for kind in (base, *_below(base))]
    for kind in kinds:
        if kind.__module__.startswith(("aiohttp", "builtins")):
            assert isinstance(outcome_of(kind.__new__(kind)), Outcome)
    with pytest.raises(TypeError):
        outcome_of(KeyError())


def _below(kind: type[BaseException]) -> list[type[BaseException]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]
