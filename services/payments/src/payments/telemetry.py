"""What payments counts; one labelled child per operation and outcome, bound once."""

from typing import Final

from prometheus_client import Counter

from payments import names
from payments.domain import Kind

_operations: Final = Counter(
    names.METRIC_PAYMENTS_OPERATIONS,
    "Answers of the provider by operation and outcome.",
    ["payment_operation", "payment_outcome"],
)
APPROVED: Final = {kind: _operations.labels(kind.value, "approved") for kind in Kind}
DECLINED: Final = {kind: _operations.labels(kind.value, "declined") for kind in Kind}
DUPLICATE: Final = {kind: _operations.labels(kind.value, "duplicate") for kind in Kind}
SILENT: Final = {kind: _operations.labels(kind.value, "silent") for kind in Kind}
EXPIRED: Final = Counter(
    names.METRIC_PAYMENTS_AUTHORISATIONS_EXPIRED, "Authorisations held too long without a capture, and let go."
)

PROVIDER_SPANS: Final = {kind: f"provider {kind.value}" for kind in Kind}
