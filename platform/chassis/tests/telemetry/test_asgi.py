"""The outermost layer around a Litestar application, over real HTTP on the server that services use."""

import asyncio
import re
from collections.abc import AsyncIterator
from socket import socket
from typing import Any

import aiohttp
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import ASGIMiddleware
from log_lines import Lines

from chassis.correlation import correlation_id
from chassis.telemetry import annotate, log, render_metrics, span
from chassis.telemetry.asgi import Scope, TelemetryMiddleware, note_exception
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import Captured, CapturedSpan, unknown_names
from testkit.waiting import wait_until

POSITION = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjdXN0b21lciJ9.c2lnbmF0dXJl"
pytestmark = pytest.mark.usefixtures("telemetry")


@get("/orders/{order_id:str}")
async def get_order(order_id: str, request: Request[Any, Any, Any]) -> dict[str, Any]:
    annotate({"order.id": order_id})
    with span("step"):
        log.info("looked up")
    return {"correlation_id": correlation_id(), "headers": sorted(request.headers)}


@post("/orders")
async def place_order() -> None:
    raise RuntimeError(f"lost {JWT}")


@get("/health/live")
async def live() -> None:
    with span("never made"):
        pass


class Gate(ASGIMiddleware):
    async def handle(self, scope: Any, receive: Any, send: Any, next_app: Any) -> None:
        if scope["path"] == "/orders/forbidden":
            raise NotAuthorizedException
        await next_app(scope, receive, send)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    note_exception(request.scope, error)  # type: ignore[arg-type]
    return Response("problem", status_code=getattr(error, "status_code", 500))


def application() -> Any:
    inner = Litestar(
        [get_order, place_order, live],
        middleware=[Gate()],
        exception_handlers={Exception: answer},
        logging_config=None,
    )

    async def breakable(scope: Scope, receive: Any, send: Any) -> None:
        if scope.get("path") == "/broken":
            raise ValueError("outside of the application")
        await inner(scope, receive, send)  # type: ignore[arg-type]

    async def trusted(scope: Scope) -> bool:
        await asyncio.sleep(0)
        if (b"x-service-token", b"unverifiable") in scope["headers"]:
            raise TimeoutError("no keys")
        return (b"x-service-token", b"valid") in scope["headers"]

    return TelemetryMiddleware(breakable, trusted=trusted, quiet=("/internal/",))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(application(), port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.ensure_future(server.serve())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        await wait_until(lambda: _answers(session))
        yield session
    server.stop()  # type: ignore[no-untyped-call]
    await serving


async def _answers(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/health/live") as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def ask(http: aiohttp.ClientSession, method: str, path: str, **headers: str) -> aiohttp.ClientResponse:
    async with http.request(method, path, headers=headers) as response:
        await response.read()
        return response


def server_span(captured: Captured) -> CapturedSpan:
    (found,) = [candidate for candidate in captured.spans if candidate.kind == "server"]
    return found


async def test_a_request_has_one_span_one_line_and_its_ids_on_the_answer(
    http: aiohttp.ClientSession, captured: Captured, lines: Lines
) -> None:
    response = await ask(http, "GET", "/orders/o-1", **{"X-Correlation-ID": "from-the-caller-1"})
    found = server_span(captured)
    assert found.name == "GET /orders/{order_id}"
    assert found.attributes == {
        "correlation.id": "from-the-caller-1",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/orders/{order_id}",
        "url.path": "/orders/o-1",
        "client.address": "127.0.0.1",
        "order.id": "o-1",
    }
    assert found.status == "unset"
    assert captured.named("step")[0].parent_span_id == found.span_id
    assert response.headers["X-Correlation-ID"] == "from-the-caller-1"
    assert response.headers["X-Trace-ID"] == found.trace_id
    assert (await response.json())["correlation_id"] == "from-the-caller-1"
    (access,) = lines.of("access")
    assert access["message"] == "GET /orders/{order_id} 200"
    assert (access["trace_id"], access["span_id"]) == (found.trace_id, found.span_id)
    assert access["duration_ms"] > 0
    assert unknown_names(captured, REGISTRY, metrics=None) == [
        "span internal 'step'",
        "attribute 'order.id'",
    ]


@pytest.mark.parametrize("sent", ["", "short", "a b c d e f g h", "x" * 65, "4111111111111111", "drop;table--"])
async def test_an_unfit_correlation_id_is_replaced(http: aiohttp.ClientSession, sent: str) -> None:
    response = await ask(http, "GET", "/orders/o-1", **{"X-Correlation-ID": sent})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Correlation-ID"])


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nowhere/at/all", 404, "GET"),
        ("DELETE", "/orders/o-1", 405, "DELETE"),
        ("GET", "/orders/forbidden", 401, "GET /orders/{order_id}"),
        ("BREW", "/pot", 404, "HTTP"),
    ],
)
async def test_refused_requests_are_traced_logged_and_counted(  # noqa: PLR0917
    http: aiohttp.ClientSession, captured: Captured, lines: Lines, method: str, path: str, status: int, name: str
) -> None:
    response = await ask(http, method, path)
    found = server_span(captured)
    assert (response.status, found.name, found.status) == (status, name, "unset")
    assert response.headers["X-Trace-ID"] == found.trace_id
    assert found.attributes["http.response.status_code"] == status
    assert [event.attributes.get("exception.stacktrace") for event in found.events] == [None] * len(found.events)
    assert lines.of("access")[0]["http.response.status_code"] == status
    assert f'http_response_status_code="{status}"' in render_metrics().decode()
    assert "/nowhere" not in render_metrics().decode()


async def test_a_failure_is_recorded_once_and_without_its_secrets(
    http: aiohttp.ClientSession, captured: Captured, lines: Lines
) -> None:
    response = await ask(http, "POST", "/orders")
    found = server_span(captured)
    assert (response.status, found.status, found.attributes["error.type"]) == (500, "error", "RuntimeError")
    (event,) = found.events
    assert "place_order" in event.attributes["exception.stacktrace"]
    (access,) = lines.of("access")
    assert (access["level"], access["exception.message"]) == ("ERROR", "lost [redacted]")
    assert JWT not in repr(captured)
    assert JWT.encode() not in b"".join(lines)


async def test_a_failure_outside_of_the_application_still_has_an_answer(
    http: aiohttp.ClientSession, captured: Captured
) -> None:
    async with http.get("/broken") as response:
        problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["reason"], problem["instance"]) == (500, "internal-error", "/broken")
    assert response.headers["X-Trace-ID"] == problem["trace_id"] == server_span(captured).trace_id
    assert response.headers["X-Correlation-ID"] == problem["correlation_id"]
    assert "outside of the application" not in str(problem)


async def test_a_strangers_trace_becomes_a_link_and_its_headers_are_dropped(
    http: aiohttp.ClientSession, captured: Captured
) -> None:
    sent = {"traceparent": POSITION, "tracestate": "a=b", "baggage": "c=d", "X-Forwarded-For": "10.0.0.1"}
    response = await ask(http, "GET", "/orders/o-1", **sent)
    found = server_span(captured)
    assert found.parent_span_id is None
    assert found.trace_id != POSITION[3:35]
    assert found.links == ((POSITION[3:35], POSITION[36:52]),)
    assert found.attributes["client.address"] == "127.0.0.1"
    assert not {header.lower() for header in sent} & set((await response.json())["headers"])


async def test_an_unsampled_stranger_is_traced_all_the_same(http: aiohttp.ClientSession, captured: Captured) -> None:
    await ask(http, "GET", "/orders/o-1", traceparent=POSITION[:-2] + "00")
    assert server_span(captured).links


async def test_a_trusted_callers_trace_is_continued(http: aiohttp.ClientSession, captured: Captured) -> None:
    response = await ask(http, "GET", "/orders/o-1", **{"traceparent": POSITION, "X-Service-Token": "valid"})
    found = server_span(captured)
    assert (found.trace_id, found.parent_span_id, found.links) == (POSITION[3:35], POSITION[36:52], ())
    assert response.headers["X-Trace-ID"] == POSITION[3:35]


async def test_a_caller_that_cannot_be_verified_is_served_as_a_stranger(
    http: aiohttp.ClientSession, captured: Captured, lines: Lines
) -> None:
    response = await ask(http, "GET", "/orders/o-1", **{"traceparent": POSITION, "X-Service-Token": "unverifiable"})
    assert response.status == 200
    assert server_span(captured).parent_span_id is None
    assert [line["exception.type"] for line in lines.of("chassis.telemetry.asgi")] == ["TimeoutError"]


async def test_health_and_metrics_are_counted_but_neither_traced_nor_logged(
    http: aiohttp.ClientSession, captured: Captured, lines: Lines
) -> None:
    for path in ("/health/live", "/metrics", "/internal/x"):
        response = await ask(http, "GET", path)
        assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Correlation-ID"])
        assert response.headers["X-Trace-ID"] == "0" * 32
    assert captured.spans == []
    assert lines.of("access") == []
    assert 'http_route="/health/live"' in render_metrics().decode()


async def test_the_histogram_has_the_span_as_exemplar(http: aiohttp.ClientSession, captured: Captured) -> None:
    await ask(http, "GET", "/orders/o-1")
    span = server_span(captured)
    assert re.search(
        r'http_server_request_duration_seconds_bucket\{.*http_route="/orders/\{order_id\}".*\} [0-9.]+ '
        rf'# \{{span_id="{span.span_id}",trace_id="{span.trace_id}"\}}',
        render_metrics().decode(),
    )
    assert "http_server_active_requests 0.0" in render_metrics().decode()


async def test_a_path_never_carries_a_secret_out(http: aiohttp.ClientSession, captured: Captured, lines: Lines) -> None:
    await ask(http, "GET", "/orders/4111111111111111")
    assert server_span(captured).attributes["url.path"] == "/orders/[redacted]"
    assert b"4111111111111111" not in b"".join(lines)


async def test_a_caller_that_leaves_before_the_answer_is_recorded_as_gone(captured: Captured, lines: Lines) -> None:
    async def endless(*_: Any) -> None:
        await asyncio.Event().wait()

    scope: Scope = {"type": "http", "method": "GET", "path": "/slow", "headers": []}
    task = asyncio.create_task(TelemetryMiddleware(endless)(scope, endless, endless))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert "http_server_active_requests 1.0" in render_metrics().decode()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server_span(captured).attributes["http.response.status_code"] == 499
    assert lines.of("access")[0]["http.response.status_code"] == 499
    assert correlation_id() == ""
