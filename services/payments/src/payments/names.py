"""Names of what payments emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

ORDER_ID: Final = "order.id"
PAYMENT_ID: Final = "payment.id"
PAYMENT_STATUS: Final = "payment.status"
PAYMENT_OPERATION: Final = "payment.operation"
PAYMENT_OUTCOME: Final = "payment.outcome"
SPAN_PAYMENT_PROVIDER: Final = "provider {payment.operation}"
SPAN_PAYMENT_RECONCILE: Final = "payment reconcile"
METRIC_PAYMENTS_OPERATIONS: Final = "payments_operations"
METRIC_PAYMENTS_AUTHORISATIONS_EXPIRED: Final = "payments_authorisations_expired"

REGISTRY: Final = Names(
    owner="payments",
    spans=(
        ("client", "provider {payment.operation}"),
        ("internal", "payment reconcile"),
    ),
    attributes=(
        "order.id",
        "payment.id",
        "payment.status",
        "payment.operation",
        "payment.outcome",
    ),
    metrics=(
        "payments_operations",
        "payments_authorisations_expired",
    ),
)
