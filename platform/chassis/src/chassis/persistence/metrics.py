"""The metrics of the database client, under the names of OpenTelemetry's database conventions."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

STATEMENT_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

_duration = Histogram(
    "db_client_operation_duration_seconds",
    "Duration of a SQL statement, from sending it to having its result.",
    ("db_operation_name", "db_collection_name"),
    buckets=STATEMENT_BUCKETS_S,
)
_failures = Counter(
    "db_client_operation_failures_total", "SQL statements that failed, by kind of failure.", ("error_type",)
)


class PoolState(NamedTuple):
    """A connection pool at one moment."""

    used: int
    idle: int
    maximum: int


@cache
def statement_duration(operation: str, table: str) -> Callable[[float], None]:
    """The bound `observe` for one kind of statement, in seconds."""
    return _duration.labels(operation, table).observe


def count_failure(error: BaseException) -> None:
    """Count a failed statement under the error's type."""
    _failures.labels(type(error).__name__).inc()


class PoolCollector(Collector):
    """Reads the pool when it is scraped, so that a gauge never lags behind."""

    def __init__(self, read: Callable[[], PoolState | None]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """The pool's connections by state, and their bound."""
        state = self._read()
        if state is None:
            return
        count = GaugeMetricFamily(
            "db_client_connection_count", "Database connections by state.", labels=["db_client_connection_state"]
        )
        count.add_metric(["used"], state.used)
        count.add_metric(["idle"], state.idle)
        yield count
        yield GaugeMetricFamily("db_client_connection_max", "Database connections allowed at most.", state.maximum)

    def register(self) -> None:
        """Show the pool on /metrics."""
        REGISTRY.register(self)

    def unregister(self) -> None:
        """Stop showing it."""
        REGISTRY.unregister(self)
