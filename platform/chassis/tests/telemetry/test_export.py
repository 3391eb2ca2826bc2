import asyncio
import time
from email.utils import formatdate

import pytest
from otlp_backend import Backend

from chassis.telemetry import ExportSettings, Telemetry, TelemetrySettings, configure, log, span
from chassis.telemetry.export import _retry_after
from chassis.telemetry.queue import REASONS
from testkit.waiting import wait_until

FAST = ExportSettings(interval=0.02, backoff_first=0.01, backoff_last=0.05, timeout=1.0)
DEAD = "http://127.0.0.1:9"


async def started(endpoint: str | None, export: ExportSettings = FAST) -> Telemetry:
    settings = TelemetrySettings(
        service="tests", instance="tests-1", version="1.2.3", endpoint=endpoint, log_to_stdout=False, export=export
    )
    telemetry = configure(settings)
    await telemetry.start()
    return telemetry


def make_spans(count: int) -> None:
    for number in range(count):
        with span("made", attributes={"number": number}):
            pass


async def delivered(telemetry: Telemetry, count: int) -> None:
    await wait_until(lambda: telemetry.traces.delivered >= count)


def balanced(telemetry: Telemetry) -> bool:
    return all(
        queue.produced == queue.delivered + sum(queue.dropped.values()) + queue.queued
        for queue in (telemetry.traces, telemetry.logs)
    )


async def test_spans_and_logs_arrive_as_the_protocol_says(backend: Backend) -> None:
    telemetry = await started(backend.url + "/")
    with span("work", attributes={"n": 7, "ok": True, "part": 0.5, "tags": ["a", "b"], "password": "p"}) as work:
        work.add_event("seen", {"by": "someone"})
        log.bind(**{"order.id": "o-1"}).warning("look out")
    await telemetry.shutdown()

    bodies = dict(backend.requests)
    (resource_spans,) = bodies["/v1/traces"]["resourceSpans"]
    resource = {a["key"]: a["value"] for a in resource_spans["resource"]["attributes"]}
    assert resource["service.name"] == {"stringValue": "tests"}
    assert resource["service.version"] == {"stringValue": "1.2.3"}
    assert set(resource["process.pid"]) == {"intValue"}
    (scope,) = resource_spans["scopeSpans"]
    (found,) = scope["spans"]
    assert scope["scope"]["name"] == "chassis"
    attributes = {a["key"]: a["value"] for a in found["attributes"]}
    assert attributes["n"] == {"intValue": "7"}
    assert attributes["ok"] == {"boolValue": True}
    assert attributes["part"] == {"doubleValue": 0.5}
    assert attributes["tags"] == {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}}
    assert attributes["password"] == {"stringValue": "[redacted]"}
    assert found["events"][0]["name"] == "seen"
    assert int(found["endTimeUnixNano"]) >= int(found["startTimeUnixNano"]) > 1_700_000_000_000_000_000

    (record,) = bodies["/v1/logs"]["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert (record["severityNumber"], record["severityText"]) == (13, "WARNING")
    assert record["body"] == {"stringValue": "look out"}
    assert (record["traceId"], record["spanId"]) == (found["traceId"], found["spanId"])
    fields = {a["key"]: a["value"] for a in record["attributes"]}
    assert fields["order.id"] == {"stringValue": "o-1"}
    assert fields["correlation.id"] == attributes["correlation.id"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_busy_backend_is_asked_again(backend: Backend, status: int) -> None:
    backend.answers = [(status, {}, "")] * 2
    telemetry = await started(backend.url)
    make_spans(3)
    await delivered(telemetry, 3)
    await telemetry.shutdown()
    assert len(backend.spans()) == 9
    assert balanced(telemetry)


async def test_a_wait_that_the_backend_asks_for_is_kept(backend: Backend) -> None:
    backend.answers = [(503, {"Retry-After": "1"}, "")]
    telemetry = await started(backend.url)
    make_spans(1)
    await delivered(telemetry, 1)
    await telemetry.shutdown()
    assert backend.times["/v1/traces"][1] - backend.times["/v1/traces"][0] >= 0.95


async def test_a_refused_batch_is_counted_and_not_sent_again(backend: Backend) -> None:
    backend.answers = [(400, {}, '{"message":"no"}')]
    telemetry = await started(backend.url)
    make_spans(2)
    await wait_until(lambda: telemetry.traces.dropped["refused"])
    await telemetry.shutdown()
    assert telemetry.traces.dropped["refused"] == 2
    assert balanced(telemetry)


async def test_what_a_partial_success_leaves_out_is_counted(backend: Backend) -> None:
    backend.answers = [(200, {}, '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}')]
    telemetry = await started(backend.url)
    make_spans(5)
    await delivered(telemetry, 3)
    await telemetry.shutdown()
    assert telemetry.traces.dropped["partial_success"] == 2
    assert balanced(telemetry)


async def test_an_outage_is_survived_and_accounted_for(backend: Backend) -> None:
    export = ExportSettings(interval=0.02, backoff_first=0.01, backoff_last=0.05, queue_items=50, batch_items=20)
    backend.answers = [(503, {}, "")] * 6
    telemetry = await started(backend.url, export)
    make_spans(80)
    assert telemetry.traces.dropped["queue_full"] == 30
    await delivered(telemetry, 50)
    numbers = {
        int(a["value"]["intValue"]) for found in backend.spans() for a in found["attributes"] if a["key"] == "number"
    }
    assert numbers == set(range(50))
    await telemetry.shutdown()
    assert balanced(telemetry)


async def test_a_dead_backend_ends_the_process_in_time_with_everything_counted() -> None:
    telemetry = await started(DEAD)
    make_spans(700)
    await asyncio.sleep(0.1)
    began = time.perf_counter()
    await telemetry.shutdown(1.0)
    assert time.perf_counter() - began < 1.5
    assert telemetry.traces.dropped["shutdown"] == telemetry.traces.produced == 700
    assert telemetry.traces.queued == 0
    assert balanced(telemetry)


async def test_a_backend_that_never_answers_ends_the_process_in_time(backend: Backend) -> None:
    backend.delay = 60
    telemetry = await started(backend.url)
    make_spans(3)
    began = time.perf_counter()
    await telemetry.shutdown(0.5)
    assert time.perf_counter() - began < 1.0
    assert telemetry.traces.dropped["shutdown"] == 3
    assert balanced(telemetry)


async def test_shutdown_delivers_what_is_queued(backend: Backend) -> None:
    telemetry = await started(backend.url, ExportSettings(interval=60.0))
    make_spans(1300)
    await telemetry.shutdown()
    assert len(backend.spans()) == telemetry.traces.delivered == 1300
    make_spans(2)
    assert telemetry.traces.dropped["shutdown"] == 2
    assert balanced(telemetry)


async def test_a_batch_leaves_when_it_is_full(backend: Backend) -> None:
    telemetry = await started(backend.url, ExportSettings(interval=60.0, batch_items=10))
    make_spans(25)
    await delivered(telemetry, 10)
    await telemetry.shutdown()
    assert telemetry.traces.delivered == 25


async def test_bodies_may_be_compressed(backend: Backend) -> None:
    telemetry = await started(backend.url, ExportSettings(compression="gzip"))
    make_spans(10)
    await telemetry.shutdown()
    assert len(backend.spans()) == 10


async def test_without_a_backend_every_item_counts_as_dropped() -> None:
    telemetry = await started(None)
    make_spans(4)
    await telemetry.shutdown()
    assert telemetry.traces.dropped["disabled"] == 4
    assert set(telemetry.traces.dropped) == set(REASONS)
    assert balanced(telemetry)


def test_both_forms_of_retry_after_are_read() -> None:
    assert _retry_after("7") == 7.0
    assert _retry_after(formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)
    assert _retry_after(formatdate(time.time() - 30, usegmt=True)) == 0.0
    assert _retry_after("99999999") == 600.0
    assert _retry_after("soon") is None
    assert _retry_after(None) is None


@pytest.mark.parametrize("endpoint", ["lens:4318", "ftp://lens", ""])
def test_an_endpoint_that_cannot_work_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="telemetry endpoint must start with http"):
        TelemetrySettings(service="s", instance="i", endpoint=endpoint)
