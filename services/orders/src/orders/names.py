"""Names of what orders emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

ORDER_ID: Final = "order.id"
ORDER_STATUS: Final = "order.status"
ORDER_REASON: Final = "order.reason"
SAGA_STEP: Final = "saga.step"
SAGA_DIRECTION: Final = "saga.direction"
SAGA_OUTCOME: Final = "saga.outcome"
SAGA_ATTEMPT: Final = "saga.attempt"
SAGA_RESUMED: Final = "saga.resumed"
SPAN_SAGA_STEP: Final = "saga.step {saga.step}"
METRIC_ORDERS_PLACED: Final = "orders_placed"
METRIC_ORDERS_FINISHED: Final = "orders_finished"
METRIC_ORDERS_SAGA_DURATION: Final = "orders_saga_duration_seconds"
METRIC_ORDERS_SAGA_RETRIES: Final = "orders_saga_retries"
METRIC_ORDERS_SAGAS_OPEN: Final = "orders_sagas_open"
METRIC_ORDERS_SAGAS_STUCK: Final = "orders_sagas_stuck"

REGISTRY: Final = Names(
    owner="orders",
    spans=(("internal", "saga.step {saga.step}"),),
    attributes=(
        "order.id",
        "order.status",
        "order.reason",
        "saga.step",
        "saga.direction",
        "saga.outcome",
        "saga.attempt",
        "saga.resumed",
    ),
    metrics=(
        "orders_placed",
        "orders_finished",
        "orders_saga_duration_seconds",
        "orders_saga_retries",
        "orders_sagas_open",
        "orders_sagas_stuck",
    ),
)
