from loguru import logger
from msgspec.structs import replace
from verdicts import GOOD, verdict

from chaos import names
from chaos.tell import log, tell
from chassis.telemetry.names import REGISTRY as CHASSIS
from chassis.telemetry.testing import capture, unknown_names

NOWHERE = "http://127.0.0.1:9"


async def test_a_verdict_is_a_span_with_a_log_line_and_the_moments_of_the_fault() -> None:
    with capture() as captured:
        trace_id = await tell(verdict(lifted=1767323055.0), NOWHERE)

    (span,) = captured.spans
    (line,) = [line for line in captured.logs if line.trace_id == trace_id]
    assert (span.name, span.trace_id, span.status) == ("chaos.experiment", trace_id, "unset")
    assert span.attributes[names.CHAOS_RECOVERY_SECONDS] == GOOD.recovery_seconds
    assert [event.name for event in span.events] == [names.EVENT_CHAOS_STRUCK, names.EVENT_CHAOS_LIFTED]
    assert line.message == (
        "experiment kill on orders-1 passed: noticed after 0.50 s, recovered after 2.00 s, 2 of 200 requests failed, "
        "0 orders lost, 0 doubled, 0 restarts of bystanders"
    )
    assert unknown_names(captured, names.REGISTRY, CHASSIS, metrics=None) == []


async def test_a_failed_verdict_is_a_failed_span_without_what_never_happened() -> None:
    measured = replace(GOOD, recovery_seconds=None)
    with capture() as captured:
        await tell(verdict(measured, passed=False, findings=["never recovered"]), NOWHERE)

    (span,) = captured.spans
    assert span.status == "error"
    assert names.CHAOS_RECOVERY_SECONDS not in span.attributes
    assert any("failed: noticed after 0.50 s, recovered never" in line.message for line in captured.logs)


def test_the_log_line_stands_at_the_moment_of_the_fault() -> None:
    times: list[float] = []
    sink = logger.add(lambda text: times.append(text.record["time"].timestamp()))

    log(verdict())

    logger.remove(sink)
    assert times == [1767323050.0]
