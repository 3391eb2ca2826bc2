"""How panels look: units, colours by meaning, limits."""

from typing import Final

from grafana_foundation_sdk.builders import common as commons
from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    DataSourceRef,
    FieldColorModeId,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
LOKI: Final = DataSourceRef(type_val="loki", uid="loki")

GOOD: Final = "green"
WARNING: Final = "orange"
BAD: Final = "red"
PLAIN: Final = "blue"
IDLE: Final = "text"

SECONDS: Final = "s"
PER_SECOND: Final = "reqps"
SHARE: Final = "percentunit"
BYTES: Final = "bytes"
COUNT: Final = "short"
EVENTS: Final = "cps"
"""Anything a second that is no request."""
CORES: Final = "none"

Step = tuple[float, str]
"""From this value on, this colour."""
Steps = tuple[Step, ...]

NONE_IS_GOOD: Final[Steps] = ((1, BAD),)
ERRORS: Final[Steps] = ((0.001, WARNING), (0.01, BAD))
LATENCY: Final[Steps] = ((0.5, WARNING), (1, BAD))
FULL: Final[Steps] = ((0.7, WARNING), (0.9, BAD))
BUDGET: Final[Steps] = ((0, WARNING), (0.25, GOOD))
"""Of an error budget: spent, nearly spent, left. Its lowest colour is red."""
RESTARTED: Final[Steps] = ((1, WARNING), (3, BAD))
LAG: Final[Steps] = ((0.1, WARNING), (0.5, BAD))


def steps(found: Steps, *, lowest: str = GOOD) -> dashboard.ThresholdsConfig:
    """Colours by value, with the colour below the first step."""
    first = Threshold(value=None, color=lowest)
    rest = [Threshold(value=value, color=color) for value, color in found]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([first, *rest])


def texts(named: dict[str, tuple[str, str]] | None = None) -> list[ValueMapping]:
    """Values shown as text in a colour; what cannot be told, such as the latency of no requests, is always `idle`."""
    options = {
        value: ValueMappingResult(text=text, color=color, index=index)
        for index, (value, (text, color)) in enumerate((named or {}).items())
    }
    idle = ValueMappingResult(text="idle", color=IDLE, index=len(options))
    unknown = SpecialValueMap(
        options=DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL_AND_NAN, result=idle)
    )
    return [ValueMap(options=options), unknown] if options else [unknown]


def by_threshold() -> dashboard.FieldColor:
    """The colour follows the value."""
    return dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS)


def by_name() -> dashboard.FieldColor:
    """A series of the same name has the same colour everywhere."""
    return dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def fixed(color: str) -> dashboard.FieldColor:
    """One colour whatever the value."""
    return dashboard.FieldColor().mode(FieldColorModeId.FIXED).fixed_color(color)


def last() -> commons.ReduceDataOptions:
    """The newest value of each series."""
    return commons.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def legend() -> commons.VizLegendOptions:
    """In lines below the graph."""
    built = commons.VizLegendOptions().show_legend(True).placement(common.LegendPlacement.BOTTOM)
    return built.display_mode(common.LegendDisplayMode.LIST).calcs([])


def tooltip() -> commons.VizTooltipOptions:
    """All series at a point in time, the highest first."""
    return commons.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
