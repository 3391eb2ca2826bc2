"""Names of what lens emits. Generated from observability/semconv; do not edit."""

from typing import Final

from chassis.telemetry.registry import Names

OTLP_REFUSAL: Final = "otlp.refusal"
METRIC_LENS_RECORDS_INGESTED: Final = "lens_records_ingested"
METRIC_LENS_RECORDS_REJECTED: Final = "lens_records_rejected"
METRIC_LENS_RECORDS_PRUNED: Final = "lens_records_pruned"
METRIC_LENS_REQUESTS_REFUSED: Final = "lens_requests_refused"
METRIC_LENS_QUEUE_RECORDS: Final = "lens_queue_records"
METRIC_LENS_DATABASE: Final = "lens_database_bytes"

REGISTRY: Final = Names(
    owner="lens",
    attributes=("otlp.refusal",),
    metrics=(
        "lens_records_ingested",
        "lens_records_rejected",
        "lens_records_pruned",
        "lens_requests_refused",
        "lens_queue_records",
        "lens_database_bytes",
    ),
)
