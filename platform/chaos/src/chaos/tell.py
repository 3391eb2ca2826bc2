"""A verdict as telemetry: a span, and a log line that belongs to it."""

from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

from loguru import logger
from opentelemetry.trace import StatusCode

from chaos import names
from chaos.verdict import Verdict
from chassis.telemetry import TelemetrySettings, configure
from chassis.telemetry.pipeline import tracer

if TYPE_CHECKING:
    from loguru import Record

SERVICE = "chaos"
_NS = 10**9
_DELIVERED_S = 2.0


async def tell(verdict: Verdict, endpoint: str) -> str:
    """Send a verdict to the OTLP endpoint, or lose it if nobody answers there; the ID of its trace."""
    version = metadata.version("pharos-chaos")
    telemetry = configure(
        TelemetrySettings(service=SERVICE, instance=SERVICE, version=version, endpoint=endpoint, log_to_stdout=False)
    )
    await telemetry.start()
    try:
        with tracer.start_as_current_span(names.SPAN_CHAOS_EXPERIMENT, start_time=int(verdict.began * _NS)) as span:
            span.set_attributes(_attributes(verdict))
            where = {names.CHAOS_FAULT: verdict.fault, names.CHAOS_TARGET: verdict.target}
            for event, moment in (
                (names.EVENT_CHAOS_STRUCK, verdict.struck),
                (names.EVENT_CHAOS_LIFTED, verdict.lifted),
            ):
                if moment is not None:
                    span.add_event(event, where, int(moment * _NS))
            if not verdict.passed:
                span.set_status(StatusCode.ERROR, "; ".join(verdict.findings))
            log(verdict)
            return f"{span.get_span_context().trace_id:032x}"
    finally:
        await telemetry.shutdown(_DELIVERED_S)


def log(verdict: Verdict) -> None:
    """Log the figures in one line, at the moment of the fault: that is where dashboards mark it."""
    moment = datetime.fromtimestamp(verdict.began if verdict.struck is None else verdict.struck, UTC)

    def at_that_moment(record: "Record") -> None:
        record["time"] = moment

    logger.patch(at_that_moment).info("{}", in_words(verdict))


def in_words(verdict: Verdict) -> str:
    """A verdict in one line."""
    measured = verdict.measured
    figures = (
        f"noticed {_after(measured.detection_seconds)}",
        f"recovered {_after(measured.recovery_seconds)}",
        f"{measured.requests.failed} of {measured.requests.sent} requests failed",
        f"{measured.orders.lost} orders lost",
        f"{measured.orders.doubled} doubled",
        f"{sum(measured.bystanders.values())} restarts of bystanders",
    )
    target = f" on {verdict.target}" if verdict.target else ""
    outcome = "passed" if verdict.passed else "failed"
    return f"experiment {verdict.experiment}{target} {outcome}: {', '.join(figures)}"


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {seconds:.2f} s"


def _attributes(verdict: Verdict) -> dict[str, str | int | float | bool | list[str]]:
    measured = verdict.measured
    seconds = {
        names.CHAOS_DETECTION_SECONDS: measured.detection_seconds,
        names.CHAOS_RECOVERY_SECONDS: measured.recovery_seconds,
        names.CHAOS_SERVICE_SECONDS: measured.service_seconds,
    }
    return {
        names.CHAOS_EXPERIMENT_NAME: verdict.experiment,
        names.CHAOS_FAULT: verdict.fault,
        names.CHAOS_TARGET: verdict.target,
        names.CHAOS_SEED: verdict.seed,
        names.CHAOS_PASSED: verdict.passed,
        names.CHAOS_FINDINGS: verdict.findings,
        names.CHAOS_REQUESTS_FAILED: measured.requests.failed,
        names.CHAOS_ORDERS_LOST: measured.orders.lost,
        names.CHAOS_ORDERS_DOUBLED: measured.orders.doubled,
        **{name: value for name, value in seconds.items() if value is not None},
    }
