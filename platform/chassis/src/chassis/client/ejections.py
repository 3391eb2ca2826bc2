"""What the balancer tells when it leaves a replica out."""

from urllib.parse import urlsplit

from loguru import logger
from prometheus_client import Counter

from chassis.telemetry import names

_EJECTIONS = Counter(
    names.METRIC_BALANCER_EJECTIONS,
    "Times that the balancer began to leave a replica out.",
    ("service_peer_name",),
)


def show_ejections(service: str) -> None:
    """Have the counter there from the first call on, at zero."""
    _EJECTIONS.labels(service)


def report_ejection(service: str, url: str, seconds: float) -> None:
    """Count it and write it into the log."""
    _EJECTIONS.labels(service).inc()
    address = urlsplit(url).netloc
    attributes = {
        names.SERVICE_PEER_NAME: service,
        names.SERVER_ADDRESS: address,
        names.BALANCER_EJECTED_S: round(seconds, 3),
    }
    logger.bind(**attributes).warning("{} at {} is left out by the balancer for {:.1f} s", service, address, seconds)
