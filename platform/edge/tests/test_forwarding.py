"""What passes through the edge, and how."""

import asyncio
import zlib

import pytest
from aiohttp import web
from running import Edge, attributes
from yarl import URL

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_target_body_and_own_headers_arrive_unchanged(edge: Edge) -> None:
    body = bytes(range(256)) * 100
    target = "/things/a%20b%C3%A9;v=1?q=%2F%20+&q=2&empty="
    headers = {
        "Content-Type": "application/x-thing",
        "X-Mine": "é ü",
        "Authorization": "Bearer user",
        "Accept-Language": "de",
    }
    async with edge.http.put(URL(edge.url + target, encoded=True), data=body, headers=headers) as response:
        seen = await response.json()
    got = dict(seen["headers"])
    assert response.status == 200
    assert (seen["method"], seen["target"]) == ("PUT", target)
    assert seen["body"].encode("latin-1") == body
    assert {name.lower(): value for name, value in headers.items()}.items() <= got.items()
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-host"] == edge.url.removeprefix("http://")


async def test_the_service_is_told_who_calls_and_how_long_it_may_take(edge: Edge) -> None:
    async with edge.http.get(f"{edge.url}/things", headers={"X-Correlation-ID": "from-outside-1"}) as response:
        got = dict((await response.json())["headers"])
    assert got["X-Correlation-ID"] == "from-outside-1"
    assert got["X-Service-Token"].count(".") == 2
    assert 1500 < int(got["X-Request-Timeout-Ms"]) <= 1800
    assert response.headers.getall("X-Correlation-ID") == ["from-outside-1"]
    assert response.headers["X-Own"] == "kept"
    assert "X-Private" not in response.headers


async def test_nothing_an_outsider_says_about_trust_arrives(edge: Edge) -> None:
    forged = {
        "traceparent": "00-11111111111111111111111111111111-2222222222222222-01",
        "tracestate": "a=1",
        "baggage": "user=admin",
        "X-Service-Token": "forged",
        "X-Request-Timeout-Ms": "999999",
        "Forwarded": "for=1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-User": "root",
        "X-Real-IP": "1.2.3.4",
        "X-HTTP-Method-Override": "DELETE",
        "Connection": "keep-alive, X-Secret",
        "X-Secret": "1",
        "Te": "trailers",
    }
    async with edge.http.get(f"{edge.url}/things", headers=forged) as response:
        got = {name.lower(): value for name, value in (await response.json())["headers"]}
    assert not [name for name, value in forged.items() if got.get(name.lower()) == value]
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert "1" * 32 not in got["traceparent"]
    assert int(got["x-request-timeout-ms"]) <= 1800


async def test_one_trace_begins_here_and_goes_on_in_the_service(edge: Edge) -> None:
    forged = "00-11111111111111111111111111111111-2222222222222222-01"
    async with edge.http.get(f"{edge.url}/things/42", headers={"traceparent": forged}) as response:
        got = dict((await response.json())["headers"])
    trace_id = response.headers["X-Trace-ID"]
    server, client = await edge.received.trace(trace_id, 2)
    assert server["name"] == client["name"] == "GET /things/{thing_id}"
    assert "parentSpanId" not in server or not server["parentSpanId"]
    assert server["links"][0]["traceId"] == "1" * 32
    assert client["parentSpanId"] == server["spanId"]
    assert got["traceparent"] == f"00-{trace_id}-{client['spanId']}-01"
    assert attributes(server)["http.route"] == attributes(client)["url.template"] == "/things/{thing_id}"
    assert attributes(client)["service.peer.name"] == "things"
    assert attributes(client)["server.port"] == str(edge.upstream.port)


async def test_a_reply_is_streamed_while_it_is_made(edge: Edge) -> None:
    go_on = asyncio.Event()

    async def slowly(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b"second")
        await response.write_eof()
        return response

    edge.upstream.handler = slowly
    async with edge.http.get(f"{edge.url}/things") as response:
        assert await response.content.readany() == b"first"
        go_on.set()
        assert await response.read() == b"second"


async def test_a_compressed_reply_stays_compressed(edge: Edge) -> None:
    packed = zlib.compress(b"x" * 1000)

    async def deflate(_: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "deflate"})

    edge.upstream.handler = deflate
    async with edge.http.get(f"{edge.url}/things") as response:
        assert response.headers["Content-Encoding"] == "deflate"
        assert await response.read() == packed


async def test_repeated_reply_headers_are_all_kept(edge: Edge) -> None:
    async def cookies(_: web.Request) -> web.StreamResponse:
        response = web.Response(status=202, headers={"Location": "/things/1"})
        response.headers.add("Link", "<a>")
        response.headers.add("Link", "<b>")
        return response

    edge.upstream.handler = cookies
    async with edge.http.get(f"{edge.url}/things") as response:
        assert response.status == 202
        assert response.headers.getall("Link") == ["<a>", "<b>"]
        assert response.headers["Location"] == "/things/1"


async def test_a_redirect_is_the_callers_to_follow(edge: Edge) -> None:
    async def redirect(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/"})

    edge.upstream.handler = redirect
    async with edge.http.get(f"{edge.url}/things", allow_redirects=False) as response:
        assert response.status == 307


async def test_a_service_that_hangs_up_amid_its_reply_is_not_a_whole_reply(edge: Edge) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"part")
        assert request.transport is not None
        request.transport.abort()
        return response

    edge.upstream.handler = broken
    with pytest.raises(Exception, match=r"(?i)payload|disconnect|closed|reset|transfer"):
        async with edge.http.get(f"{edge.url}/things") as response:
            await response.read()
