"""What the edge answers itself."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from running import Edge, attributes, free_port
from yarl import URL

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def problem(response: ClientResponse) -> dict[str, Any]:
    """The problem document, which names the request."""
    document: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert document["status"] == response.status
    assert document["correlation_id"] == response.headers["X-Correlation-ID"]
    assert document["trace_id"] == response.headers["X-Trace-ID"]
    return document


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/things/",
        "/things/1/2",
        "/audit/things",
        "/things/..%2faudit",
        "/things/%2e%2e",
        "//things",
    ],
)
async def test_any_other_path_is_not_found(edge: Edge, path: str) -> None:
    async with edge.http.get(URL(edge.url + path, encoded=True)) as response:
        assert response.status == 404
        assert (await problem(response))["reason"] == "not-found"
    assert not edge.upstream.requests


async def test_a_path_that_no_database_could_keep_is_refused_with_its_place(edge: Edge) -> None:
    async with edge.http.get(URL(f"{edge.url}/things/a%00", encoded=True)) as response:
        assert response.status == 422
        assert [error["field"] for error in (await problem(response))["errors"]] == ["path"]
    assert not edge.upstream.requests


async def test_a_refused_request_is_traced_without_a_route(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/nothing") as response:
        assert response.status == 404
    server, *_ = await edge.received.trace(response.headers["X-Trace-ID"], 1)
    assert server["name"] == "GET"
    assert "http.route" not in attributes(server)


async def test_another_method_is_told_which_there_are(edge: Edge) -> None:
    async with edge.http.delete(f"{edge.url}/things/1") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET, PUT"
        assert (await problem(response))["reason"] == "method-not-allowed"
    server, *_ = await edge.received.trace(response.headers["X-Trace-ID"], 1)
    assert attributes(server)["http.route"] == "/things/{thing_id}"


async def test_a_body_over_the_limit_is_refused_declared_or_not(edge: Edge) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 65536

    async with edge.http.post(f"{edge.url}/things", data=b"x" * (1024 * 1024 + 1)) as response:
        assert response.status == 413
        assert (await problem(response))["limit_bytes"] == 1024 * 1024
    async with edge.http.post(f"{edge.url}/things", data=chunks()) as response:
        assert response.status == 413
    assert not edge.upstream.requests


async def test_a_body_that_does_not_come_is_not_waited_for(edge: Edge) -> None:
    host, port = edge.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /things HTTP/1.1\r\nHost: edge\r\nContent-Length: 10\r\n\r\nabc")
    async with asyncio.timeout(4):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    assert not edge.upstream.requests


async def test_a_caller_that_hangs_up_leaves_nothing_behind(edge: Edge) -> None:
    host, port = edge.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /things HTTP/1.1\r\nHost: edge\r\nContent-Length: 10\r\n\r\nabc")
    await writer.drain()
    writer.close()
    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        assert response.status == 200
    assert len(edge.upstream.requests) == 1


async def test_a_body_at_the_limit_passes(edge: Edge) -> None:
    async with edge.http.post(f"{edge.url}/things", data=b"x" * (1024 * 1024)) as response:
        assert response.status == 200
        assert len((await response.json())["body"]) == 1024 * 1024


async def test_too_many_or_too_large_headers_are_refused(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/things", headers={"X-Big": "x" * 20_000}) as response:
        assert response.status == 431
    async with edge.http.get(f"{edge.url}/things", headers={f"X-{n}": "1" for n in range(101)}) as response:
        assert response.status == 431
    assert not edge.upstream.requests


async def test_a_service_without_instances_is_unavailable(edge: Edge) -> None:
    edge.place("other")
    async with edge.http.get(f"{edge.url}/things") as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "1"
        assert (await problem(response))["reason"] == "no-instance"


async def test_a_service_nobody_answers_for_is_unavailable(edge: Edge) -> None:
    edge.place("things", f"http://127.0.0.1:{free_port()}")
    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        assert response.status == 503
        assert (await problem(response))["reason"] == "upstream-unreachable"
    spans = await edge.received.trace(response.headers["X-Trace-ID"], 4)
    assert [attributes(span).get("http.request.resend_count") for span in spans[1:]] == [None, "1", "2"]
    assert {attributes(span)["error.type"] for span in spans[1:]} == {"not-connected"}


async def test_a_service_that_hangs_costs_no_more_than_the_deadline(edge: Edge) -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    edge.upstream.handler = hang
    began = asyncio.get_running_loop().time()
    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        assert response.status == 504
        assert (await problem(response))["reason"] == "deadline-exceeded"
    assert asyncio.get_running_loop().time() - began < 2.3
    assert len(edge.upstream.requests) == 1


async def test_a_connection_lost_after_a_write_is_not_repeated(edge: Edge) -> None:
    async def drop(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    edge.upstream.handler = drop
    async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
        assert response.status == 502
        assert (await problem(response))["reason"] == "upstream-connection-lost"
    assert len(edge.upstream.requests) == 1


@pytest.mark.parametrize(("headers", "attempts"), [({}, 1), ({"Idempotency-Key": "k"}, 3)])
async def test_a_write_is_repeated_only_under_a_key(edge: Edge, headers: dict[str, str], attempts: int) -> None:
    async def busy(_: web.Request) -> web.StreamResponse:
        return web.json_response({"reason": "busy"}, status=503, content_type="application/problem+json")

    edge.upstream.handler = busy
    async with edge.http.post(f"{edge.url}/things", data=b"{}", headers=headers) as response:
        assert response.status == 503
        assert await response.json(content_type="application/problem+json") == {"reason": "busy"}
    assert len(edge.upstream.requests) == attempts


async def test_a_failing_replica_is_made_good_by_another(edge: Edge) -> None:
    edge.place("things", f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{edge.upstream.port}")
    for _ in range(10):
        async with edge.http.post(f"{edge.url}/things", data=b"{}") as response:
            assert response.status == 200


async def test_the_index_names_every_public_route(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/") as response:
        document = await response.json()
    assert {"method": "GET", "path": "/things/{thing_id}", "service": "things"} in document["routes"]
    assert document["services"] == {"things": "Test service things"}


async def test_the_edge_has_health_metrics_and_keys_of_its_own(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/things"):
        pass
    async with edge.http.get(f"{edge.url}/metrics") as response:
        text = await response.text()
    assert "http_client_request_duration_seconds_count{" in text
    assert 'url_template="/things"' in text
    async with edge.http.get(f"{edge.url}/.well-known/service-jwks.json") as response:
        assert len((await response.json())["keys"]) == 1
