"""What a scraper of `/metrics` gets, and what it learns of readiness."""

import asyncio
import re

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.samples import Sample
from shop import Dependency

from chassis.health import Check
from chassis.lifecycle import Phase
from chassis.plugin import ChassisPlugin

Client = AsyncTestClient[Litestar]

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3_PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PREFERS_TEXT = "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def samples(client: Client) -> dict[str, list[Sample]]:
    """Every sample by name, parsed as strictly as the format demands."""
    answer = await client.get("/metrics", headers={"Accept": PROMETHEUS_3})
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(answer.text):  # type: ignore[no-untyped-call]
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


async def checks(client: Client) -> tuple[float, dict[str, float]]:
    """Readiness and the state of each check, as the metrics have it."""
    found = await samples(client)
    status = {sample.labels["health_check_name"]: sample.value for sample in found.get("health_check_status", [])}
    return found["health_ready"][0].value, status


@pytest.mark.parametrize("accept", [PROMETHEUS_3, PROMETHEUS_3_PROTOBUF, PROMETHEUS_2, "*/*", "", "image/png", "q=,;;"])
async def test_a_scraper_gets_openmetrics(client: Client, accept: str) -> None:
    answer = await client.get("/metrics", headers={"Accept": accept})

    assert answer.headers["content-type"] == OPENMETRICS
    assert answer.text.endswith("\n# EOF\n")


@pytest.mark.parametrize("accept", ["text/plain", "text/plain;version=0.0.4", PREFERS_TEXT, BROWSER])
async def test_who_likes_text_better_gets_text(client: Client, accept: str) -> None:
    answer = await client.get("/metrics", headers={"Accept": accept})

    assert answer.headers["content-type"] == TEXT
    assert "# EOF" not in answer.text
    assert {family.name for family in parse_text(answer.text)} > {"process_start_time_seconds", "health_ready"}


async def test_the_latest_trace_of_each_bucket_is_its_exemplar(client: Client) -> None:
    answer = await client.get("/baskets/1?colour=red")

    buckets = [
        sample
        for sample in (await samples(client))["http_server_request_duration_seconds_bucket"]
        if sample.labels["http_route"].startswith("/baskets/{") and sample.exemplar is not None
    ]

    assert buckets
    traces = {sample.exemplar.labels["trace_id"] for sample in buckets if sample.exemplar is not None}
    assert answer.headers["X-Trace-ID"] in traces


async def test_counters_are_totals_and_nothing_tells_when_it_was_made(client: Client) -> None:
    answer = await client.get("/metrics", headers={"Accept": PROMETHEUS_3})

    counters = re.findall(r"^# TYPE (\w+) counter$", answer.text, re.MULTILINE)
    assert counters
    for name in counters:
        assert not name.endswith("_total")
        assert re.search(rf"^{name}(?!_total)[ {{]", answer.text, re.MULTILINE) is None
    assert "_created" not in answer.text


async def test_a_ready_replica_says_so(client: Client) -> None:
    assert await checks(client) == (1, {"till": 1})


async def test_a_failing_check_shows_without_anybody_asking_for_readiness(
    client: Client, dependency: Dependency
) -> None:
    dependency.failure = OSError("gone")

    assert await checks(client) == (0, {"till": 0})


async def test_reading_metrics_asks_no_more_often_than_the_results_last(client: Client, plugin: ChassisPlugin) -> None:
    cellar = Dependency()
    plugin.health.add(Check("cellar", cellar.ping, ttl=600))
    await asyncio.gather(*(client.get("/metrics") for _ in range(10)), client.get("/health/ready"))

    assert cellar.asked == 1


async def test_a_check_that_hangs_does_not_hold_the_metrics_up(client: Client, dependency: Dependency) -> None:
    dependency.delay = 30

    assert await asyncio.wait_for(checks(client), 2) == (0, {"till": 0})


async def test_a_draining_replica_is_not_ready(client: Client, plugin: ChassisPlugin) -> None:
    plugin.lifecycle.advance(Phase.DRAINING)

    assert await checks(client) == (0, {"till": 1})
