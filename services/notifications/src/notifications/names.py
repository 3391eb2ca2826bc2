"""Names of what notifications emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

NOTIFICATION_ID: Final = "notification.id"
NOTIFICATION_KIND: Final = "notification.kind"
NOTIFICATION_STATUS: Final = "notification.status"
NOTIFICATION_ATTEMPT: Final = "notification.attempt"
SMTP_RESPONSE_STATUS_CODE: Final = "smtp.response.status_code"
SPAN_NOTIFICATION_SEND: Final = "notification.send"
SPAN_SMTP_SEND: Final = "smtp.send"
METRIC_NOTIFICATIONS_HANDLED: Final = "notifications_handled"
METRIC_NOTIFICATIONS_RETRIES: Final = "notifications_retries"
METRIC_NOTIFICATIONS_DELAY: Final = "notifications_delay_seconds"
METRIC_NOTIFICATIONS_PENDING: Final = "notifications_pending"

REGISTRY: Final = Names(
    owner="notifications",
    spans=(
        ("internal", "notification.send"),
        ("client", "smtp.send"),
    ),
    attributes=(
        "notification.id",
        "notification.kind",
        "notification.status",
        "notification.attempt",
        "smtp.response.status_code",
    ),
    metrics=(
        "notifications_handled",
        "notifications_retries",
        "notifications_delay_seconds",
        "notifications_pending",
    ),
)
