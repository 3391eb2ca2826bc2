"""Names of what inventory emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

ORDER_ID: Final = "order.id"
RESERVATION_ID: Final = "reservation.id"
RESERVATION_STATUS: Final = "reservation.status"
RESERVATION_OUTCOME: Final = "reservation.outcome"
SPAN_RESERVATION_EXPIRE: Final = "reservation expire"
METRIC_INVENTORY_RESERVATIONS: Final = "inventory_reservations"
METRIC_INVENTORY_DEPLETIONS: Final = "inventory_depletions"

REGISTRY: Final = Names(
    owner="inventory",
    spans=(("internal", "reservation expire"),),
    attributes=(
        "order.id",
        "reservation.id",
        "reservation.status",
        "reservation.outcome",
    ),
    metrics=(
        "inventory_reservations",
        "inventory_depletions",
    ),
)
