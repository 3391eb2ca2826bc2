"""Names of what warden emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

RECOVERY_EVENT: Final = "recovery.event"
RECOVERY_FAULT: Final = "recovery.fault"
RECOVERY_ACTION: Final = "recovery.action"
RECOVERY_INSTANCE: Final = "recovery.instance"
RECOVERY_SERVICE: Final = "recovery.service"
RECOVERY_OWNER: Final = "recovery.owner"
RECOVERY_REASON: Final = "recovery.reason"
RECOVERY_SHOWN_BY: Final = "recovery.shown_by"
SPAN_WARDEN_RECOVERY: Final = "warden.recovery"
METRIC_WARDEN_DECISIONS: Final = "warden_decisions"

REGISTRY: Final = Names(
    owner="warden",
    spans=(("internal", "warden.recovery"),),
    attributes=(
        "recovery.event",
        "recovery.fault",
        "recovery.action",
        "recovery.instance",
        "recovery.service",
        "recovery.owner",
        "recovery.reason",
        "recovery.shown_by",
    ),
    metrics=("warden_decisions",),
)
