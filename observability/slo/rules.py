"""The rule groups of one service: for each promise what is recorded, and what is alerted on."""

from typing import Any, Final

from catalog import Owner, bound, budget
from windows import BURNS, LEAST_FAILURES, MEASURED, SECONDS, SUMMED, Burn

from chassis.manifest import Manifest, Slo

Rule = dict[str, Any]

COUNT: Final = "http_server_request_duration_seconds_count"
BUCKET: Final = "http_server_request_duration_seconds_bucket"
PROBES: Final = 'http_route!~"/health/.*|/metrics"'
FAILED: Final = 'http_response_status_code=~"5.."'
ANSWERED: Final = 'http_response_status_code!~"5.."'
STAYED: Final = 'http_response_status_code!="499"'
EVERY: Final = 30
"""Seconds between two evaluations."""
BUDGET_INTERVAL: Final = "2m"
"""Of the error budget, which looks at weeks; below the five minutes after which a series counts as gone."""


def slo_groups(manifest: Manifest) -> list[Rule]:
    """The groups of a service, two for each promise: windows and alerts, and the budget that is left."""
    return [group for slo in manifest.slos for group in (_burning(manifest, slo), _remaining(manifest, slo))]


def owner_group(owners: list[Owner]) -> Rule:
    """Who answers for what, as series that alerts on any service are joined with."""
    rules = [
        {
            "record": "service:owner:info",
            "expr": "vector(1)",
            "labels": {
                "service": one.service,
                "owner": one.owner,
                "pager": one.pager,
                "tier": str(one.tier),
                "mode": one.mode,
            },
        }
        for one in owners
    ]
    return {"name": "owners", "rules": rules}


def _burning(manifest: Manifest, slo: Slo) -> Rule:
    objective = {
        "record": "slo:objective:ratio",
        "expr": f"vector({slo.objective:g})",
        "labels": {**_labels(manifest, slo), "owner": manifest.owner},
    }
    recorded = [rule for window in (*MEASURED, *SUMMED) for rule in _window(manifest, slo, window)]
    alerts = [_alert(manifest, slo, burn) for burn in BURNS]
    return {
        "name": f"slo-{manifest.name}-{slo.name}",
        "interval": f"{EVERY}s",
        "rules": [objective, *recorded, *alerts],
    }


def _window(manifest: Manifest, slo: Slo, window: str) -> list[Rule]:
    """Requests, failures, their ratio and how fast the budget burns, over one window."""
    labels, select = _labels(manifest, slo), _select(manifest, slo)
    requests, failures = f"slo:sli_requests:rate{window}", f"slo:sli_failures:rate{window}"
    ratio = f"slo:sli_error:ratio_rate{window}"
    if window in MEASURED:
        sources = {requests: _requests(manifest, slo, window), failures: _failures(manifest, slo, window)}
    else:
        sources = {
            total: f"sum_over_time({total.replace(window, '5m')}{select}[{window}]) * {EVERY} / {SECONDS[window]}"
            for total in (requests, failures)
        }
    none = f"0 * {requests}{select}"
    return [
        *({"record": name, "expr": expr, "labels": labels} for name, expr in sources.items()),
        {"record": ratio, "expr": f"{failures}{select} / ({requests}{select} > 0)\nor {none}", "labels": labels},
        {
            "record": "slo:burn_rate:ratio",
            "expr": f"{ratio}{select} / {budget(slo)}",
            "labels": {**labels, "window": window},
        },
    ]


def _requests(manifest: Manifest, slo: Slo, window: str) -> str:
    """Requests a second that count; none, rather than nothing, where a service is there and nobody asks it."""
    kept = STAYED if slo.kind == "availability" else ANSWERED
    return (
        f'sum(rate({COUNT}{{{_routes(manifest, slo)}, {kept}}}[{window}]))\nor 0 * max(up{{service="{manifest.name}"}})'
    )


def _failures(manifest: Manifest, slo: Slo, window: str) -> str:
    routes = _routes(manifest, slo)
    requests = f"sum(slo:sli_requests:rate{window}{_select(manifest, slo)})"
    if slo.kind == "availability":
        return f"sum(rate({COUNT}{{{routes}, {FAILED}}}[{window}]))\nor 0 * {requests}"
    fast = f'sum(rate({BUCKET}{{{routes}, {ANSWERED}, le="{bound(slo)}"}}[{window}]))'
    return f"clamp_min({requests} - {fast}, 0)\nor 0 * {requests}"


def _alert(manifest: Manifest, slo: Slo, burn: Burn) -> Rule:
    labels = {
        **_labels(manifest, slo),
        "owner": manifest.owner,
        "pager": manifest.pager,
        "severity": burn.severity,
        "window": burn.long,
    }
    select, limit = _select(manifest, slo), f"{burn.factor:g} * {budget(slo)}"
    return {
        "alert": "ErrorBudgetBurn",
        "expr": (
            f"slo:sli_error:ratio_rate{burn.long}{select} > {limit}\n"
            f"and slo:sli_error:ratio_rate{burn.short}{select} > {limit}\n"
            f"and slo:sli_failures:rate{burn.long}{select} * {SECONDS[burn.long]} >= {LEAST_FAILURES}"
        ),
        "labels": labels,
        "annotations": _annotations(manifest, slo, burn),
    }


def _annotations(manifest: Manifest, slo: Slo, burn: Burn) -> dict[str, str]:
    bad = "failed" if slo.kind == "availability" else f"took longer than {slo.threshold_ms} ms"
    asked = f"{slo.route} requests" if slo.route else "requests"
    return {
        "summary": f"{manifest.name}: too many {asked} {bad}",
        "description": (
            f"{{{{ $value | humanizePercentage }}}} of the {asked} of the last {burn.long} {bad}, and it goes on; "
            f"the objective {slo.name} allows {(budget(slo) * 100).normalize():f} % of {slo.window_days} days. "
            "Find the route and the status that fail, then a trace of one; the runbook has the queries."
        ),
        "runbook": "observability/runbooks/ErrorBudgetBurn.md",
        "runbook_page": "/runbooks/ErrorBudgetBurn",
        "dashboard": f"/d/slo-{manifest.name}?var-service={manifest.name}",
    }


def _remaining(manifest: Manifest, slo: Slo) -> Rule:
    select, over = _select(manifest, slo), f"{slo.window_days}d"
    failures = f"sum_over_time(slo:sli_failures:rate5m{select}[{over}])"
    requests = f"sum_over_time(slo:sli_requests:rate5m{select}[{over}])"
    return {
        "name": f"slo-{manifest.name}-{slo.name}-budget",
        "interval": BUDGET_INTERVAL,
        "rules": [
            {
                "record": "slo:error_budget:remaining_ratio",
                "expr": (
                    f"1 - {failures} / ({requests} > 0) / {budget(slo)}\nor 1 + 0 * slo:sli_requests:rate5m{select}"
                ),
                "labels": _labels(manifest, slo),
            }
        ],
    }


def _select(manifest: Manifest, slo: Slo) -> str:
    return f'{{service="{manifest.name}", slo="{slo.name}"}}'


def _labels(manifest: Manifest, slo: Slo) -> dict[str, str]:
    return {"service": manifest.name, "slo": slo.name}


def _routes(manifest: Manifest, slo: Slo) -> str:
    if slo.route is None:
        return f'service="{manifest.name}", {PROBES}'
    method, path = slo.route.split(" ", 1)
    return f'service="{manifest.name}", http_request_method="{method}", http_route="{path}"'
