"""A dashboard as a whole: who owns it, its variable, the links to all others, its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import links
import look
import promql
from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

PLATFORM: Final = "team-platform"
SLO: Final = "slo"
"""The tag of dashboards of error budgets."""
RUNBOOK: Final = "runbook"
"""The tag of dashboards that show a runbook."""
_OTHERS: Final = {
    "Overview": "overview",
    "Service": "service",
    "Orders": "orders",
    "Messaging": "messaging",
    "Data": "data",
    "Telemetry": "telemetry",
    "Recovery": "recovery",
}


@dataclass(frozen=True)
class Section:
    """Panels under a heading; without one they are the top of the dashboard."""

    heading: str
    panels: Sequence[Builder[model.Panel]]


@dataclass(frozen=True)
class Board:
    """A dashboard and the folder of its owner, in which its file stands."""

    owner: str
    uid: str
    document: model.Dashboard


def board(
    uid: str,
    title: str,
    description: str,
    sections: Sequence[Section],
    *,
    owner: str = PLATFORM,
    variables: Sequence[dashboard.QueryVariable] = (),
    tags: Sequence[str] = (),
    since: str = "now-1h",
    marked: bool = True,
) -> Board:
    """Put a dashboard together; nobody edits it but here. A marked one shows starts, recoveries and chaos."""
    built = dashboard.Dashboard(title).uid(uid).description(description).tags(["pharos", *tags]).readonly()
    built = built.time(since, "now").refresh("10s").timezone("browser").tooltip(model.DashboardCursorSync.CROSSHAIR)
    built = built.links(_links())
    if marked:
        built = built.annotation(_Starts(chosen=bool(variables))).annotation(_Decisions(chosen=bool(variables)))
        built = built.annotation(_Experiments())
    for variable in variables:
        built = built.with_variable(variable)
    for section in sections:
        if section.heading:
            built = built.with_row(dashboard.Row(section.heading))
        for panel in section.panels:
            built = built.with_panel(panel)
    return Board(owner, uid, _numbered(built.build()))


def services(*, current: str = "", having: str = promql.PARTS) -> dashboard.QueryVariable:
    """The variable `service`: one, where there is a first choice, else any number of those that have a metric."""
    found = dashboard.QueryVariable("service").label("Service").datasource(look.PROMETHEUS)
    found = found.query(f"label_values({having}, service)").refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
    found = found.sort(model.VariableSort.ALPHABETICAL_ASC)
    if current:
        return found.current(model.VariableOption(text=current, value=current))
    everything = model.VariableOption(text=["All"], value=["$__all"])
    return found.multi(True).include_all(True).current(everything)


def _links() -> list[Builder[model.DashboardLink]]:
    """To every other dashboard. The picked services go along, but for the page of a single one."""
    pages = [
        links.link(title, f"/d/{uid}").keep_time(True).include_vars(uid != "service") for title, uid in _OTHERS.items()
    ]
    lists = [
        dashboard.DashboardLink(title).type(model.DashboardLinkType.DASHBOARDS).tags([tag]).as_dropdown(True)
        for title, tag in {"Error budgets": SLO, "Runbooks": RUNBOOK}.items()
    ]
    return [*pages, *(one.keep_time(True) for one in lists)]


class _Starts(Builder[model.AnnotationQuery]):
    """A mark where a process was started anew."""

    def __init__(self, *, chosen: bool) -> None:
        self._matchers = promql.selector(promql.CHOSEN) if chosen else ""

    def build(self) -> model.AnnotationQuery:
        expression = f"changes(process_start_time_seconds{self._matchers}[{promql.RATE}]) > 0"
        return _PrometheusMarks(
            name="Restarts", datasource=look.PROMETHEUS, enable=True, icon_color=look.WARNING, expr=expression
        )


class _Decisions(Builder[model.AnnotationQuery]):
    """A mark where warden did something about a fault, or decided to leave it."""

    def __init__(self, *, chosen: bool) -> None:
        self._matchers = promql.selector('recovery_action!=""', promql.RECOVERED if chosen else "")

    def build(self) -> model.AnnotationQuery:
        """A counter with labels begins at 1: that is no change, so a series that is new counts as well.

        The window is as long as a step and a scrape, however wide the range is: nothing falls between two steps.
        """
        decisions = f"warden_decisions_total{self._matchers}"
        expression = f"changes({decisions}[{promql.RATE}]) > 0 or {decisions} unless {decisions} offset {promql.RATE}"
        return _PrometheusMarks(
            name="Recoveries", datasource=look.PROMETHEUS, enable=True, icon_color=look.BAD, expr=expression,
            title="{{recovery_service}}: {{recovery_event}}", text="{{recovery_fault}}: {{recovery_action}}",
        )  # fmt: skip


class _Experiments(Builder[model.AnnotationQuery]):
    """A mark where something was broken on purpose, whichever services are chosen; its log line has the figures."""

    def build(self) -> model.AnnotationQuery:
        return model.AnnotationQuery(
            name="Chaos", datasource=look.LOKI, enable=True, icon_color=look.BAD,
            expr='{service_name="chaos"} |= "experiment"',
        )  # fmt: skip


class _PrometheusMarks(model.AnnotationQuery):
    """With the fields of Prometheus' marks, which the builders do not know."""

    def __init__(
        self, *, title: str = "{{service}} was started anew", text: str = "{{instance}}", **known: Any
    ) -> None:
        super().__init__(**known)
        self._more = {"step": "15s", "titleFormat": title, "textFormat": text}

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), **self._more}


def _numbered(document: model.Dashboard) -> model.Dashboard:
    """Numbers for the panels, by which links to a single one stay true."""
    for number, panel in enumerate(document.panels or [], 1):
        panel.id_val = number
    return document
