"""What the layer before a service refuses: told to the caller, counted, and on the trace."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from litestar import Litestar, get, post
from msgspec import structs
from prometheus_client import REGISTRY

from chassis.plugin import ChassisPlugin
from chassis.resilience.priority import current_priority
from chassis.resilience.requests import RequestLimits
from chassis.settings import ChassisSettings
from chassis.telemetry.testing import capture
from testkit import wait_until

LIMITS = RequestLimits(
    concurrency_start=10, concurrency_max=10, queue_share=0.2, header_fields=20, header_bytes=2048, target_bytes=256,
    json_depth=4, lag_shed=5.0, lag_stop=6.0,
)  # fmt: skip


class Gate:
    """Holds requests until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.inside = 0


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest_asyncio.fixture
async def held(settings: ChassisSettings, gate: Gate) -> AsyncIterator[AsyncClient]:
    @get("/held", auth="public", operation_id="held")
    async def hold() -> str:
        gate.inside += 1
        await gate.open.wait()
        return current_priority().word

    @post("/anything", auth="public", operation_id="anything")
    async def anything(data: dict[str, Any]) -> int:
        return len(data)

    manifest = structs.replace(
        settings.manifest, resilience=structs.replace(settings.manifest.resilience, requests=LIMITS)
    )
    own = ChassisSettings(manifest=manifest, log_level="CRITICAL")
    app = Litestar([hold, anything], plugins=[ChassisPlugin(own)])
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # in one task, as its cancel scopes demand; a fixture's two halves run in two
        async with app.lifespan():
            started.set()
            await ended.wait()

    living = asyncio.create_task(live())
    await started.wait()
    # Litestar's own client answers one request at a time.
    transport = ASGITransport(app)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client
    gate.open.set()
    ended.set()
    await living


@pytest.fixture
def rejections() -> Iterator[dict[str, float]]:
    """How many more there were, by limit, once the test is over; what it expects it puts in itself."""

    def counted(limit: str) -> float:
        return REGISTRY.get_sample_value("request_limit_rejections_total", {"request_limit": limit}) or 0.0

    names = ("header_fields", "header_bytes", "target_bytes", "json_depth")
    before = {name: counted(name) for name in names}
    expected: dict[str, float] = {}
    yield expected
    assert {name: counted(name) - before[name] for name in names if counted(name) != before[name]} == expected


async def test_too_many_headers_are_refused(held: AsyncClient, rejections: dict[str, float]) -> None:
    answer = await held.get("/held", headers={f"X-{number}": "1" for number in range(30)})
    document = answer.json()
    assert (answer.status_code, document["reason"]) == (431, "headers-too-large")
    assert (document["limit"], document["allowed"]) == ("header_fields", 20)
    assert document["received"] > 30
    assert document["correlation_id"] == answer.headers["x-correlation-id"]
    rejections["header_fields"] = 1


async def test_too_large_headers_are_refused(held: AsyncClient, rejections: dict[str, float]) -> None:
    answer = await held.get("/held", headers={"X-Large": "x" * 3000})
    assert (answer.status_code, answer.json()["limit"]) == (431, "header_bytes")
    rejections["header_bytes"] = 1


async def test_a_long_query_is_refused(held: AsyncClient, rejections: dict[str, float]) -> None:
    answer = await held.get("/held?q=" + "x" * 300)
    assert (answer.status_code, answer.json()["reason"]) == (414, "target-too-long")
    rejections["target_bytes"] = 1


@pytest.mark.parametrize("depth", [5, 20_000])
async def test_json_that_goes_too_deep_is_refused(held: AsyncClient, rejections: dict[str, float], depth: int) -> None:
    body = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    answer = await held.post("/anything", content=body, headers={"Content-Type": "application/json"})
    document = answer.json()
    assert (answer.status_code, document["reason"]) == (400, "json-too-deep")
    assert (document["limit"], document["allowed"]) == ("json_depth", 4)
    rejections["json_depth"] = 1


async def test_json_at_the_limit_is_read(held: AsyncClient, rejections: dict[str, float]) -> None:
    answer = await held.post("/anything", json={"a": {"b": {"c": {}}}, "text": "[[[[[[{{{{{{"})
    assert (answer.status_code, answer.text) == (201, "2")
    assert not rejections


async def test_beyond_the_limit_some_wait_and_the_rest_is_sent_away(held: AsyncClient, gate: Gate) -> None:
    first = [asyncio.create_task(held.get("/held")) for _ in range(10)]
    await wait_until(lambda: gate.inside == 10)
    shed = REGISTRY.get_sample_value("request_shed_total", _USER) or 0.0
    with capture() as captured:
        refused = await held.get("/held")
    document = refused.json()
    assert (refused.status_code, document["reason"], document["limit"]) == (503, "overloaded", "concurrency")
    assert refused.headers["retry-after"] in {"1", "2", "3"}
    assert refused.headers["content-type"] == "application/problem+json"
    (span,) = [span for span in captured.spans if span.attributes.get("url.path") == "/held"]
    assert span.attributes["error.type"] == "overloaded"
    assert [event.name for event in span.events] == ["request.shed"]
    assert REGISTRY.get_sample_value("request_shed_total", _USER) == shed + 1
    assert (await held.get("/health/live")).status_code == 200
    assert 'request_limiter_in_flight{request_priority="user"} 10.0' in (await held.get("/metrics")).text
    gate.open.set()
    assert {(await task).text for task in first} == {"user"}


async def test_background_requests_leave_places_for_people(held: AsyncClient, gate: Gate) -> None:
    machines = [asyncio.create_task(held.get("/held", headers={"X-Request-Priority": "background"})) for _ in range(20)]
    await wait_until(lambda: gate.inside == 4)
    people = [asyncio.create_task(held.get("/held")) for _ in range(6)]
    await wait_until(lambda: gate.inside == 10)
    gate.open.set()
    assert [(await task).text for task in people] == ["user"] * 6
    answers = [await task for task in machines]
    served = [answer.text for answer in answers if answer.status_code == 200]
    assert 4 <= len(served) <= 6
    assert set(served) == {"background"}
    assert all(answer.json()["priority"] == "background" for answer in answers if answer.status_code == 503)


async def test_a_caller_that_gives_up_leaves_no_place_taken(held: AsyncClient, gate: Gate) -> None:
    tasks = [asyncio.create_task(held.get("/held")) for _ in range(12)]
    await wait_until(lambda: gate.inside == 10)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    gate.open.set()
    answers = await asyncio.gather(*(held.get("/held") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}


_USER = {"request_priority": "user", "request_shed_reason": "concurrency"}
