"""What circuit breakers leave in traces, logs and metrics."""

from breaking import Clock, answering, count, post, state_of, until_refused
from replicas import Connect, Replica, Start

from chassis.client import ClientConfig, ServiceClient
from chassis.discovery import Instance, StaticDiscovery
from chassis.resilience import EjectionConfig
from chassis.telemetry import TelemetrySettings, configure, span
from chassis.telemetry.names import REGISTRY
from chassis.telemetry.testing import CapturedSpan, capture, unknown_names


class Moving(StaticDiscovery):
    """Discovery of `things` whose replicas come and go."""

    def __init__(self, *replicas: Replica) -> None:
        super().__init__({})
        self.replicas = replicas

    def instances(self, service: str) -> tuple[Instance, ...]:
        """The replicas there are now."""
        assert service == "things"
        return tuple(Instance(replica.url, replica.url) for replica in self.replicas)


async def test_every_change_is_told_in_the_trace_the_log_and_the_metrics(start: Start, connect: Connect) -> None:
    configure(TelemetrySettings(service="tests", instance="tests-1", log_to_stdout=False))
    replica, clock = await start(answering(500)), Clock()
    client = connect(replica.url, clock=clock)
    opened = count("circuit_breaker_transitions_total", circuit_breaker_state="open")
    rejected = count("circuit_breaker_rejections_total")
    with capture() as captured, span("work") as work:
        await until_refused(client)
        replica.handler = answering(200)
        clock.ahead += 6.01
        for _ in range(3):
            await post(client)

    told = [event for one in captured.spans for event in one.events]
    events = [event for event in told if event.name == "circuit_breaker.transition"]
    lines = [line for line in captured.logs if "circuit_breaker.state" in line.fields]
    changes = [(e.attributes["circuit_breaker.previous_state"], e.attributes["circuit_breaker.state"]) for e in events]
    assert {event.name for event in told} == {"circuit_breaker.transition", "balancer.ejection"}
    assert changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]
    assert [line.fields["circuit_breaker.state"] for line in lines] == ["open", "half_open", "closed"]
    assert [line.level for line in lines] == ["WARNING", "INFO", "INFO"]
    assert {line.trace_id for line in captured.logs} == {work.trace_id}  # type: ignore[union-attr]
    assert count("circuit_breaker_transitions_total", circuit_breaker_state="open") == opened + 1
    assert count("circuit_breaker_rejections_total") == rejected + 1
    assert set(unknown_names(captured, REGISTRY)) <= {"span internal 'work'"}


async def test_a_refused_call_is_a_span_that_says_why(
    start: Start, connect: Connect, spans: list[CapturedSpan]
) -> None:
    client = connect((await start(answering(500))).url)
    await until_refused(client)

    refused = spans[-1]

    assert (refused.name, refused.kind, refused.status) == ("POST /things", "client", "error")
    assert refused.attributes["error.type"] == "circuit-open"
    assert refused.attributes["circuit_breaker.state"] == "open"
    assert 3.5 < refused.attributes["circuit_breaker.open_s"] <= 6.0


async def test_a_replica_that_is_gone_has_no_series(start: Start) -> None:
    gone, stays = await start(answering(500)), await start(answering(200))
    discovery = Moving(gone, stays)
    config = ClientConfig(ejection=EjectionConfig(enabled=False))
    async with ServiceClient(discovery, config=config) as client:
        for _ in range(100):
            await post(client)
        assert (state_of(gone), state_of(stays)) == (2, 0)

        discovery.replicas = (stays,)

        assert (state_of(gone), state_of(stays)) == (None, 0)
