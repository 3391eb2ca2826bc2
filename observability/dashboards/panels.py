"""Kinds of panels, each with what makes it readable: unit, limits, legend, a description, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import look
from grafana_foundation_sdk.builders import bargauge, common, gauge, prometheus, stat, text, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models import common as model
from grafana_foundation_sdk.models import text as text_model
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue
from grafana_foundation_sdk.models.prometheus import QueryEditorMode

STEP: Final = "5s"
"""The interval of scraping: a finer step would only repeat values."""
MINUTE: Final = "1m"
"""The step of bars that count: `$__rate_interval` then covers it and the scrape before, and an event has one bar."""


@dataclass(frozen=True)
class Q:
    """A query and how its series are called; `exemplar` adds single requests that lead to their traces."""

    expression: str
    legend: str = ""
    exemplar: bool = False
    color: str = ""


def timeline(
    title: str,
    description: str,
    unit: str,
    *queries: Q,
    limits: look.Steps = (),
    links: Sequence[DashboardLink] = (),
    stacked: bool = False,
    bars: bool = False,
    stepped: bool = False,
    highest: float | None = None,
    decimals: int | None = None,
) -> timeseries.Panel:
    """Values over time from zero up; `limits` are drawn as lines, `links` are those of each series."""
    panel = timeseries.Panel().title(title).description(description).unit(unit).min(0).interval(STEP)
    panel = panel.datasource(look.PROMETHEUS).legend(look.legend())
    panel = (
        panel.color_scheme(look.by_name())
        .tooltip(look.tooltip())
        .data_links(list(links))
        .line_width(1)
        .show_points(model.VisibilityMode.NEVER)
    )
    panel = panel.fill_opacity(60 if bars or stacked else 8).span_nulls(False)
    if highest is not None:
        panel = panel.max(highest)
    if decimals is not None:
        panel = panel.decimals(decimals)
    if bars:
        panel = panel.draw_style(model.GraphDrawStyle.BARS).interval(MINUTE)
    if stepped:
        panel = panel.line_interpolation(model.LineInterpolation.STEP_AFTER)
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(model.StackingMode.NORMAL).group("A"))
    if limits:
        panel = panel.thresholds(look.steps(limits, lowest="transparent"))
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(model.GraphThresholdsStyleMode.DASHED))
    return _queried(panel, queries)


def _queried(panel: timeseries.Panel, queries: Sequence[Q]) -> timeseries.Panel:
    for index, one in enumerate(queries):
        panel = panel.with_target(target(one, index).range())
        if one.color:
            color = DynamicConfigValue(id_val="color", value=look.fixed(one.color).build())
            panel = panel.override_by_query(ref(index), [color])
    return panel


def number(
    title: str,
    description: str,
    unit: str,
    expression: str,
    *,
    limits: look.Steps = (),
    lowest: str = look.GOOD,
    links: Sequence[DashboardLink] = (),
    decimals: int | None = None,
) -> stat.Panel:
    """One number of now; without limits it has no colour, since no value of it is good or bad."""
    panel = stat.Panel().title(title).description(description).unit(unit).datasource(look.PROMETHEUS).span(3).height(4)
    panel = panel.reduce_options(look.last()).graph_mode(model.BigValueGraphMode.NONE).links(list(links))
    panel = panel.text_mode(model.BigValueTextMode.VALUE).color_mode(model.BigValueColorMode.VALUE)
    panel = panel.thresholds(look.steps(limits, lowest=lowest if limits else look.IDLE)).interval(STEP)
    panel = panel.color_scheme(look.by_threshold())
    if decimals is not None:
        panel = panel.decimals(decimals)
    return panel.mappings(look.texts()).with_target(target(Q(expression), 0).instant())


def dial(
    title: str,
    description: str,
    expression: str,
    *,
    limits: look.Steps,
    lowest: str,
    links: Sequence[DashboardLink] = (),
) -> gauge.Panel:
    """A share of now between nothing and all."""
    panel = gauge.Panel().title(title).description(description).unit(look.SHARE).datasource(look.PROMETHEUS)
    panel = panel.min(0).max(1).decimals(1).thresholds(look.steps(limits, lowest=lowest)).interval(STEP)
    panel = panel.color_scheme(look.by_threshold()).links(list(links)).reduce_options(look.last())
    return panel.show_threshold_markers(True).with_target(target(Q(expression), 0).instant())


def bars(
    title: str,
    description: str,
    unit: str,
    query: Q,
    *,
    limits: look.Steps = (),
    lowest: str = look.PLAIN,
    links: Sequence[DashboardLink] = (),
    decimals: int | None = None,
) -> bargauge.Panel:
    """One horizontal bar for each series, of now."""
    panel = bargauge.Panel().title(title).description(description).unit(unit).datasource(look.PROMETHEUS).min(0)
    panel = panel.orientation(model.VizOrientation.HORIZONTAL).display_mode(model.BarGaugeDisplayMode.BASIC)
    panel = panel.reduce_options(look.last()).thresholds(look.steps(limits, lowest=lowest)).interval(STEP)
    panel = panel.color_scheme(look.by_threshold()).data_links(list(links)).show_unfilled(True)
    if decimals is not None:
        panel = panel.decimals(decimals)
    return panel.with_target(target(query, 0).instant())


def words(content: str) -> text.Panel:
    """A passage of Markdown."""
    return text.Panel().mode(text_model.TextMode.MARKDOWN).content(content)


def ref(index: int) -> str:
    """The letter of a query."""
    return "ABCDEFGHIJKLMNOP"[index]


def target(one: Q, index: int) -> prometheus.Dataquery:
    """A query to Prometheus."""
    built = prometheus.Dataquery().ref_id(ref(index)).expr(one.expression).datasource(look.PROMETHEUS)
    built = built.editor_mode(QueryEditorMode.CODE).legend_format(one.legend or "__auto")
    return built.exemplar(True) if one.exemplar else built
