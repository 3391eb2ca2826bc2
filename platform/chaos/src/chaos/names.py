"""Names of what chaos emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

CHAOS_EXPERIMENT_NAME: Final = "chaos.experiment.name"
CHAOS_FAULT: Final = "chaos.fault"
CHAOS_TARGET: Final = "chaos.target"
CHAOS_SEED: Final = "chaos.seed"
CHAOS_PASSED: Final = "chaos.passed"
CHAOS_FINDINGS: Final = "chaos.findings"
CHAOS_DETECTION_SECONDS: Final = "chaos.detection_seconds"
CHAOS_RECOVERY_SECONDS: Final = "chaos.recovery_seconds"
CHAOS_SERVICE_SECONDS: Final = "chaos.service_seconds"
CHAOS_REQUESTS_FAILED: Final = "chaos.requests.failed"
CHAOS_ORDERS_LOST: Final = "chaos.orders.lost"
CHAOS_ORDERS_DOUBLED: Final = "chaos.orders.doubled"
SPAN_CHAOS_EXPERIMENT: Final = "chaos.experiment"
EVENT_CHAOS_STRUCK: Final = "chaos.struck"
EVENT_CHAOS_LIFTED: Final = "chaos.lifted"

REGISTRY: Final = Names(
    owner="chaos",
    spans=(("internal", "chaos.experiment"),),
    events=(
        "chaos.struck",
        "chaos.lifted",
    ),
    attributes=(
        "chaos.experiment.name",
        "chaos.fault",
        "chaos.target",
        "chaos.seed",
        "chaos.passed",
        "chaos.findings",
        "chaos.detection_seconds",
        "chaos.recovery_seconds",
        "chaos.service_seconds",
        "chaos.requests.failed",
        "chaos.orders.lost",
        "chaos.orders.doubled",
    ),
)
