"""Pieces of PromQL: what the queries of several dashboards have in common.

A counter with labels does not exist before its first event, and a query without a result draws "No data" where a person
wants to read "0". Hence the defaults: zero for every service that is up, or one zero where there is no service to name.
"""

from typing import Final

CHOSEN: Final = 'service=~"$service"'
"""The services picked at the top of the dashboard."""
RECOVERED: Final = 'recovery_service=~"$service|postgres|nats|"'
"""What warden tells of them, of the stores that all of them stand on, and of the whole system."""
WORK: Final = 'http_route!~"/health/.*|/metrics"'
"""Requests that somebody made, without probes and scrapes; what matched no route has no `http_route` and counts."""
FAILED: Final = 'http_response_status_code=~"5.."'
RATE: Final = "$__rate_interval"
RANGE: Final = "$__range"
REQUESTS: Final = "http_server_request_duration_seconds"
CALLS: Final = "http_client_request_duration_seconds"
CALL_FAILED: Final = 'error_type!=""'
PARTS: Final = "telemetry_items_produced_total"
"""What every process on the chassis has from its start, and no other process."""


def selector(*matchers: str) -> str:
    """Label matchers in braces; nothing for none."""
    kept = [matcher for matcher in matchers if matcher]
    return f"{{{', '.join(kept)}}}" if kept else ""


def rate(metric: str, *matchers: str, by: str = "", over: str = RATE) -> str:
    """How often a second, summed by some labels."""
    return f"sum {_by(by)}(rate({metric}{selector(*matchers)}[{over}]))"


def increase(metric: str, *matchers: str, by: str = "", over: str = RANGE) -> str:
    """How many in the range, summed by some labels."""
    return f"sum {_by(by)}(increase({metric}{selector(*matchers)}[{over}]))"


def quantile(share: float, metric: str, *matchers: str, by: str = "", over: str = RATE, none: str = "none") -> str:
    """A quantile of a histogram in its unit; not a number, shown as idle, where there is nothing to measure."""
    labels = f"le, {by}" if by else "le"
    found = f"histogram_quantile({share:g}, {rate(f'{metric}_bucket', *matchers, by=labels, over=over)})"
    first = by.split(",", maxsplit=1)[0]
    if not by:
        return f"{found}\nor vector(NaN)"
    if by in {"service", "instance"}:
        of_service = next(matcher for matcher in matchers if matcher.startswith("service"))
        return f"{found}\nor on ({by}) NaN * max by ({by}) (up{{{of_service}}})"
    return f'{found}\nor on () label_replace(vector(NaN), "{first}", "{none}", "", "")'


def ratio(part: str, whole: str) -> str:
    """A share; zero where there is a whole that is zero."""
    return f"{part}\n/ ({whole} > 0)\nor 0 * {whole}"


def share_failed(*matchers: str, by: str = "service", over: str = RATE) -> str:
    """Share of requests that were answered with a 5xx status."""
    count = f"{REQUESTS}_count"
    whole = rate(count, *matchers, WORK, by=by, over=over)
    failed = f"({rate(count, *matchers, WORK, FAILED, by=by, over=over)} or 0 * {whole})"
    return ratio(failed, whole)


def zero(*matchers: str, by: str = "service") -> str:
    """Zero for every chosen service, or replica, that Prometheus knows, whether it answers or not."""
    return f"0 * max by ({by}) (up{selector(*(matchers or (CHOSEN,)))})"


def or_zero(expression: str, *matchers: str, by: str = "service") -> str:
    """The expression, and zero for the services, or replicas, that have none of its series."""
    return f"{expression}\nor on ({by}) {zero(*matchers, by=by)}"


def or_none(expression: str, label: str, text: str = "none") -> str:
    """The expression; where it has no series at all, a zero whose label says so."""
    return f'{expression}\nor on () label_replace(vector(0), "{label}", "{text}", "", "")'


def or_nought(expression: str) -> str:
    """The expression without labels; zero where it has no series."""
    return f"{expression}\nor vector(0)"


def restarts(*matchers: str, by: str = "service") -> str:
    """How often processes were started anew in the range; only of processes on the chassis."""
    return f"sum by ({by}) (changes(process_start_time_seconds{selector(*matchers)}[{RANGE}]))"


def _by(labels: str) -> str:
    return f"by ({labels}) " if labels else ""
