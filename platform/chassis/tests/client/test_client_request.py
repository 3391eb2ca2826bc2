"""A call, its reply, and what a callee's refusal becomes."""

import time

import msgspec
import pytest
from aiohttp import web
from replicas import Connect, Start

from chassis.client import ClientConfig, InvalidUpstreamReply, NoInstance, UpstreamProblem
from chassis.correlation import bind_correlation_id
from chassis.errors import DeadlineExceeded
from chassis.resilience import Deadline, bind_deadline


class Thing(msgspec.Struct):
    thing_id: str
    size: int = 0


async def thing(request: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"thing_id": request.raw_path, "size": len(await request.read())})


async def test_a_reply_is_decoded_into_its_type(start: Start, connect: Connect) -> None:
    replica = await start(thing)
    found = await connect(replica.url).request(
        "things",
        "POST",
        "/things/{thing_id}/parts",
        operation="add_part",
        path_params={"thing_id": "a/b ../é"},
        query={"dry": "yes", "none": None},
        json={"x": 1},
        response=Thing,
        idempotency_key="key-1",
        headers={"X-More": "1"},
    )
    assert found == Thing("/things/a%2Fb%20..%2F%C3%A9/parts?dry=yes", 7)
    sent = replica.requests[0].headers
    assert sent["Idempotency-Key"] == "key-1"
    assert sent["Content-Type"] == "application/json"
    assert sent["X-More"] == "1"
    assert "User-Agent" not in sent


async def test_correlation_identity_and_time_left_travel(start: Start, connect: Connect) -> None:
    replica = await start(thing)
    client = connect(replica.url)
    with bind_correlation_id("correlation-1"):
        await client.request("things", "GET", "/things", operation="list_things", timeout=0.5)
    sent = replica.requests[0].headers
    assert sent["X-Correlation-ID"] == "correlation-1"
    assert sent["X-Service-Token"] == "token-for-things"
    assert 400 < int(sent["X-Request-Timeout-Ms"]) <= 500


async def test_the_callers_deadline_shrinks_on_the_way(start: Start, connect: Connect) -> None:
    replica = await start(thing)
    client = connect(replica.url)
    now = time.monotonic()
    with bind_deadline(Deadline.after(0.4, now)):
        await client.request("things", "POST", "/things", operation="make_thing")
    assert 300 < int(replica.requests[0].headers["X-Request-Timeout-Ms"]) <= 360


@pytest.mark.parametrize("left", [-1.0, 0.0, 0.01, 0.022])
async def test_no_call_starts_with_less_than_twenty_milliseconds(start: Start, connect: Connect, left: float) -> None:
    replica = await start(thing)
    client = connect(replica.url)
    now = time.monotonic()
    with bind_deadline(Deadline.after(left, now)), pytest.raises(DeadlineExceeded):
        await client.request("things", "GET", "/things", operation="list_things")
    assert not replica.requests


async def test_a_refusal_keeps_the_callees_words(start: Start, connect: Connect) -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        document = {"reason": "out-of-things", "detail": "none left", "sku": "x"}
        return web.json_response(document, status=409, content_type="application/problem+json")

    client = connect((await start(refuse)).url)
    with pytest.raises(UpstreamProblem) as caught:
        await client.request("things", "POST", "/things", operation="make_thing", response=Thing)
    problem = caught.value
    assert (problem.upstream_status, problem.upstream_reason, problem.upstream_detail) == (
        409,
        "out-of-things",
        "none left",
    )
    assert problem.document["sku"] == "x"
    assert (problem.status, problem.reason) == (502, "upstream-problem")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"reason": 7}', b"\xff"])
async def test_a_refusal_without_a_problem_document_is_named_by_its_status(
    start: Start, connect: Connect, body: bytes
) -> None:
    async def refuse(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, status=500)

    client = connect((await start(refuse)).url)
    with pytest.raises(UpstreamProblem) as caught:
        await client.request("things", "GET", "/things", operation="list_things")
    assert caught.value.upstream_reason == "http-500"


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"thing_id": 7}', b"\xff\xfe"])
async def test_a_reply_of_another_shape_is_refused_without_its_content(
    start: Start, connect: Connect, body: bytes
) -> None:
    async def wrong(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body)

    client = connect((await start(wrong)).url)
    with pytest.raises(InvalidUpstreamReply, match="things make_thing"):
        await client.request("things", "POST", "/things", operation="make_thing", response=Thing)


async def test_a_reply_over_the_limit_is_refused(start: Start, connect: Connect) -> None:
    async def much(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b" " * 2000)

    client = connect((await start(much)).url, config=ClientConfig(reply_limit=1000))
    with pytest.raises(InvalidUpstreamReply, match="over 1000 bytes"):
        await client.request("things", "GET", "/things", operation="list_things", response=Thing)


async def test_an_unknown_service_has_no_instance(connect: Connect) -> None:
    with pytest.raises(NoInstance) as caught:
        await connect().request("nobody", "GET", "/", operation="x")
    assert (caught.value.status, caught.value.reason, caught.value.retry_after) == (503, "no-instance", 1.0)


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_a_path_parameter_cannot_change_the_path(connect: Connect, value: str) -> None:
    with pytest.raises(ValueError, match="thing_id"):
        await connect("http://127.0.0.1:1").request(
            "things", "GET", "/things/{thing_id}", operation="x", path_params={"thing_id": value}
        )
