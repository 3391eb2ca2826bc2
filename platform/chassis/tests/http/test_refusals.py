"""Whatever is refused is seen: counted, on the span of the request, and in the log, each time with the same reason."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar, get, post
from litestar.params import FromPath, JSONBody
from litestar.testing import AsyncTestClient
from msgspec import structs
from prometheus_client import REGISTRY

from chassis.auth.guards import CallerNotAllowed
from chassis.auth.verify import TokenRejected
from chassis.client.call import prepare
from chassis.client.errors import BulkheadFull, CircuitOpen, NotSent, Throttled
from chassis.client.refusals import tell_refused
from chassis.errors import TooManyRequests
from chassis.http.request_limits import BodyTooSlow, GuardedBody
from chassis.plugin import ChassisPlugin
from chassis.resilience.calls import CallConfig
from chassis.resilience.deadline import Deadline, bind_deadline
from chassis.resilience.requests import RequestLimits
from chassis.settings import ChassisSettings
from chassis.telemetry import SpanKind, span
from chassis.telemetry.testing import Captured, capture

LIMITS = RequestLimits(header_fields=20, target_bytes=256, json_depth=4)
Client = AsyncTestClient[Litestar]
TWO_LENGTHS = {"Content-Length": "2", "Transfer-Encoding": "chunked"}
JSON = {"Content-Type": "application/json"}
REQUESTS: dict[str, Callable[[Client], Awaitable[Any]]] = {
    "headers-too-large": lambda client: client.get("/fail/none", headers={f"X-{each}": "1" for each in range(30)}),
    "target-too-long": lambda client: client.get("/fail/none?q=" + "x" * 300),
    "json-too-deep": lambda client: client.post("/anything", content=b"[" * 9 + b"]" * 9, headers=JSON),
    "ambiguous-request": lambda client: client.post("/anything", content=b"{}", headers=JSON | TWO_LENGTHS),
    "payload-too-large": lambda client: client.post("/anything", json={"text": "x" * 5000}),
    "card-number-not-accepted": lambda client: client.post("/anything", json={"text": "4111 1111 1111 1111"}),
    "too-many-requests": lambda client: client.get("/fail/too-many-requests"),
    "caller-not-allowed": lambda client: client.get("/fail/caller-not-allowed"),
    "token-invalid": lambda client: client.get("/fail/token-invalid"),
    "unauthenticated": lambda client: client.get("/private"),
}
NOT_SENT: Mapping[str, NotSent] = {
    error.reason: error for error in (CircuitOpen("till", 1.0), BulkheadFull("till", 3), Throttled("till", 0.5, 1.0))
}


@pytest_asyncio.fixture
async def client(settings: ChassisSettings) -> AsyncIterator[Client]:
    @get("/fail/{reason:str}", auth="public", operation_id="fail")
    async def fail(reason: FromPath[str]) -> None:
        for error in (TooManyRequests(retry_after=1), CallerNotAllowed("not you"), TokenRejected("no good")):
            if error.reason == reason:
                raise error

    @post("/anything", auth="public", operation_id="anything")
    async def anything(data: JSONBody[Any]) -> None:
        del data

    @get("/private", auth="service", operation_id="private")
    async def private() -> None:
        return

    manifest = structs.replace(
        settings.manifest, resilience=structs.replace(settings.manifest.resilience, requests=LIMITS)
    )
    own = ChassisSettings(manifest=manifest, max_body_bytes=1024, log_level="INFO")
    async with AsyncTestClient(Litestar([fail, anything, private], plugins=[ChassisPlugin(own)])) as opened:
        yield opened


def refusals(reason: str) -> float:
    return REGISTRY.get_sample_value("request_refusals_total", {"error_type": reason}) or 0.0


def seen(captured: Captured, reason: str) -> None:
    """The request's span says it, has the event, and a line of the log says it."""
    [entry] = [one for one in captured.spans if one.kind == "server"]
    assert entry.attributes["error.type"] == reason
    [event] = [one for one in entry.events if one.name == "request.refused"]
    assert event.attributes["error.type"] == reason
    [line] = [one for one in captured.logs if one.message.startswith("request refused")]
    assert line.fields["error.type"] == reason
    assert line.trace_id == entry.trace_id


@pytest.mark.parametrize("reason", list(REQUESTS))
async def test_a_refused_request_is_counted_traced_and_logged(client: Client, reason: str) -> None:
    before = refusals(reason)
    with capture() as captured:
        answer = await REQUESTS[reason](client)
    assert answer.json()["reason"] == reason
    assert refusals(reason) == before + 1
    seen(captured, reason)


async def test_a_body_that_does_not_come_is_counted_traced_and_logged() -> None:
    async def never() -> Any:
        raise TimeoutError

    before = refusals(BodyTooSlow.reason)
    with (
        capture() as captured,
        bind_deadline(Deadline(time.monotonic())),
        span("POST /", kind=SpanKind.SERVER, root=True),
        pytest.raises(BodyTooSlow),
    ):
        await GuardedBody(never, None).receive()
    assert refusals(BodyTooSlow.reason) == before + 1
    seen(captured, BodyTooSlow.reason)


@pytest.mark.parametrize("reason", list(NOT_SENT))
def test_a_call_that_is_not_sent_is_counted_and_traced(reason: str) -> None:
    counter = {"circuit-open": "circuit_breaker", "bulkhead-full": "bulkhead"}.get(reason, "throttle")
    name, labels = f"{counter}_rejections_total", {"service_peer_name": "till"}
    before = REGISTRY.get_sample_value(name, labels) or 0.0
    with capture() as captured:
        call = prepare(CallConfig(), {}, service="till", method="GET", template="/things", operation="things")
        tell_refused(call, NOT_SENT[reason])
    assert REGISTRY.get_sample_value(name, labels) == before + 1
    [refused] = captured.spans
    assert (refused.kind, refused.attributes["error.type"]) == ("client", reason)
