"""The metrics of messaging; destinations are event types, of which a service declares a few."""

from prometheus_client import Counter, Gauge, Histogram

sent = Counter(
    "messaging_client_sent_messages_total",
    "Events that JetStream stored, or refused (error_type), by event type.",
    ("messaging_destination_name", "error_type"),
)
processed = Histogram(
    "messaging_process_duration_seconds",
    "Handling of a delivered event, by event type and outcome.",
    ("messaging_destination_name", "messaging_outcome"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
outbox_rows = Gauge("outbox_unsent_rows", "Outbox rows not yet stored by JetStream.")
outbox_refused = Gauge("outbox_refused_rows", "Outbox rows that JetStream will never take.")
rebuilt = Counter(
    "messaging_streams_rebuilt_total", "Times that this replica found the stream lost and began to fill it."
)
outbox_lag = Gauge("outbox_lag_seconds", "Age of the oldest outbox row not yet stored by JetStream.")
dead_letters = Gauge("messaging_dead_letters", "Messages given up, waiting for somebody to replay them.")
