"""Names of what accounts emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

CUSTOMER_ID: Final = "customer.id"
REGISTRATION_OUTCOME: Final = "registration.outcome"
LOGIN_OUTCOME: Final = "login.outcome"
METRIC_ACCOUNTS_REGISTRATIONS: Final = "accounts_registrations"
METRIC_ACCOUNTS_LOGINS: Final = "accounts_logins"

REGISTRY: Final = Names(
    owner="accounts",
    attributes=(
        "customer.id",
        "registration.outcome",
        "login.outcome",
    ),
    metrics=(
        "accounts_registrations",
        "accounts_logins",
    ),
)
