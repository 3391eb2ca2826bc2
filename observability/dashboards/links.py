"""Where a panel, a series or a row of a table leads: another dashboard, traces, log lines, a runbook."""

import json
from typing import Any, Final
from urllib.parse import quote

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

RANGE: Final = "${__url_time_range}"
ROW_SERVICE: Final = "${__data.fields.Service}"
"""The service of a table's row."""
SERIES_SERVICE: Final = "${__field.labels.service}"
"""The service of a graph's series."""
CHOSEN_SERVICE: Final = "${service}"
"""The service picked at the top, where it is one."""


def link(title: str, url: str) -> DashboardLink:
    """A link with a title."""
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url)


def board(title: str, uid: str, service: str = "") -> DashboardLink:
    """To another dashboard, over the same time."""
    chosen = f"var-service={service}&" if service else ""
    return link(title, f"/d/{uid}?{chosen}{RANGE}")


def to_service(service: str = SERIES_SERVICE) -> DashboardLink:
    """To the dashboard of the service of a series or row."""
    return board("Open the service", "service", service)


def runbook(name: str) -> DashboardLink:
    """To what to do about an alert; runbooks are shown as dashboards too, since Grafana shows nothing else."""
    return link(f"Runbook: {name}", f"/d/runbook-{name}")


def traces(service: str = SERIES_SERVICE, *, failed: bool = False) -> DashboardLink:
    """To a search of Jaeger for the service's traces."""
    query: dict[str, Any] = {"queryType": "search", "service": service, "limit": 50}
    if failed:
        query["tags"] = "error=true"
    return link("Failed traces" if failed else "Traces", _explore("jaeger", query))


def logs(service: str = SERIES_SERVICE, *, failed: bool = False) -> DashboardLink:
    """To the service's log lines in Loki; all, or those that tell of trouble."""
    kept = ' | detected_level=~"warn|error|critical|fatal"' if failed else ""
    query = {"queryType": "range", "expr": f'{{service_name="{service}"}}{kept}'}
    return link("Warnings and errors" if failed else "Log", _explore("loki", query))


def _explore(source: str, query: dict[str, Any]) -> str:
    """A page of Grafana's Explore; its pane is JSON, in which only variables stay readable."""
    pane = {
        "datasource": source,
        "queries": [{"refId": "A", "datasource": {"type": source, "uid": source}, **query}],
        "range": {"from": "${__from}", "to": "${__to}"},
    }
    text = json.dumps({"a": pane}, separators=(",", ":"))
    return f"/explore?schemaVersion=1&panes={_quoted(text)}"


def _quoted(text: str) -> str:
    """Percent-encoded but for `${…}`."""
    pieces = text.split("${")
    rest = (piece.split("}", 1) for piece in pieces[1:])
    return quote(pieces[0], safe="") + "".join(f"${{{name}}}{quote(after, safe='')}" for name, after in rest)
