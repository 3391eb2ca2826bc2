"""Calls that a bulkhead or a throttle keeps back: what the caller is told, and what is left in the telemetry."""

import asyncio

from breaking import answering, count, get, hang, post
from prometheus_client import REGISTRY as METRICS
from replicas import Connect, Start

from chassis.client import BulkheadFull, ClientConfig, Throttled, UpstreamProblem
from chassis.errors import PharosError
from chassis.resilience import BulkheadConfig, ThrottleConfig
from chassis.telemetry import TelemetrySettings, configure, span
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import capture, unknown_names
from testkit import wait_until

ALWAYS = ThrottleConfig(most=0.999999)


def in_flight() -> float | None:
    return METRICS.get_sample_value("bulkhead_in_flight", {"service_peer_name": "things"})


async def test_a_dependency_that_hangs_holds_no_more_calls_than_the_bulkhead_has_places(
    start: Start, connect: Connect
) -> None:
    replica = await start(hang)
    client = connect(replica.url)
    hanging = [asyncio.create_task(post(client)) for _ in range(25)]
    await wait_until(lambda: len(replica.requests) == 25)

    refused = await post(client)

    assert isinstance(refused, BulkheadFull)
    assert (refused.status, refused.reason, refused.service, refused.in_flight) == (503, "bulkhead-full", "things", 25)
    assert (refused.headers["Retry-After"], refused.headers["X-Upstream-Retried"]) == ("1", "true")
    assert (in_flight(), len(replica.requests)) == (25, 25)
    for call in hanging:
        call.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    replica.handler = answering(200)
    assert (await post(client), in_flight()) == (None, 0)


async def test_asking_how_a_service_is_needs_no_place(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    client = connect(replica.url, config=ClientConfig(bulkhead=BulkheadConfig(calls=1)))
    hanging = asyncio.create_task(post(client))
    await wait_until(lambda: len(replica.requests) == 1)
    replica.handler = answering(200)

    await client.request("things", "GET", "/health/ready", operation="ready")

    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)


async def test_a_service_that_sheds_is_spared_calls_and_the_caller_is_told_when_to_come_back(
    start: Start, connect: Connect
) -> None:
    replica = await start(answering(503, Retry_After="7"))
    client = connect(replica.url, clock=lambda: 1000.0, config=ClientConfig(throttle=ALWAYS))
    sent = [await get(client) for _ in range(20)]
    told = [error for error in [await get(client) for _ in range(60)] if isinstance(error, Throttled)]

    assert all(isinstance(error, UpstreamProblem) for error in sent)
    assert len(told) >= 20
    assert len(replica.requests) == 80 - len(told)
    assert (told[0].status, told[0].reason, told[0].headers["Retry-After"]) == (503, "throttled", "7")
    assert told[0].share > 0.9


async def test_a_limit_on_one_caller_keeps_nobody_back(start: Start, connect: Connect) -> None:
    replica = await start(answering(429, Retry_After="1"))
    client = connect(replica.url, clock=lambda: 1000.0, config=ClientConfig(throttle=ALWAYS))
    assert all([isinstance(await post(client), UpstreamProblem) for _ in range(60)])


async def test_shedding_further_on_is_not_taken_for_shedding_here(start: Start, connect: Connect) -> None:
    replica = await start(answering(503, Retry_After="1", X_Upstream_Retried="true"))
    client = connect(replica.url, clock=lambda: 1000.0, config=ClientConfig(throttle=ALWAYS))
    assert all([isinstance(await post(client), UpstreamProblem) for _ in range(60)])


async def test_calls_that_were_not_sent_are_in_the_trace_the_log_and_the_metrics(
    start: Start, connect: Connect
) -> None:
    configure(TelemetrySettings(service="tests", instance="tests-1", log_to_stdout=False))
    replica = await start(hang)
    client = connect(replica.url, config=ClientConfig(bulkhead=BulkheadConfig(calls=1)))
    before = count("bulkhead_rejections_total")
    hanging = asyncio.create_task(post(client))
    await wait_until(lambda: len(replica.requests) == 1)
    errors: list[PharosError | None] = []

    async def refused_and_told() -> bool:
        errors.append(await post(client))
        return bool(captured.logs)

    with capture() as captured, span("work") as work:
        await wait_until(refused_and_told, what="a line in the log, of which there is one a second")
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)

    refused = [one for one in captured.spans if one.kind == "client"]
    assert all(isinstance(error, BulkheadFull) for error in errors)
    assert count("bulkhead_rejections_total") == before + len(errors)
    assert [one.attributes["error.type"] for one in refused] == ["bulkhead-full"] * len(errors)
    assert {one.attributes["bulkhead.in_flight"] for one in refused} == {1}
    (line,) = captured.logs
    assert (line.fields["error.type"], line.trace_id) == ("bulkhead-full", work.trace_id)  # type: ignore[union-attr]
    assert set(unknown_names(captured, REGISTRY)) <= {"span internal 'work'"}


async def test_the_figures_of_one_service_hold_for_it_alone(start: Start, connect: Connect) -> None:
    replica = await start(hang)
    own = ClientConfig(bulkhead=BulkheadConfig(calls=1))
    client = connect(replica.url, overrides={"things": own, "others": ClientConfig()})
    hanging = asyncio.create_task(post(client))
    await wait_until(lambda: len(replica.requests) == 1)

    assert isinstance(await post(client), BulkheadFull)

    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
