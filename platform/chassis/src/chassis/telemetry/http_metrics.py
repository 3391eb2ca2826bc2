"""Metrics of the requests served. Labels are bound once per method, route and status, of which there are few."""

from typing import Final

from prometheus_client import Gauge, Histogram

from chassis.telemetry import names

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Upper bounds in seconds, as the OpenTelemetry HTTP conventions advise for `http.server.request.duration`."""

DURATION: Final = Histogram(
    names.METRIC_HTTP_SERVER_REQUEST_DURATION,
    "Time from a request's arrival to the end of its answer.",
    labelnames=("http_request_method", "http_route", "http_response_status_code"),
    buckets=BUCKETS,
)
ACTIVE: Final = Gauge(names.METRIC_HTTP_SERVER_ACTIVE_REQUESTS, "Requests being served.")
