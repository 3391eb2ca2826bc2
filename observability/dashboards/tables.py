"""Tables: one row for each combination of some labels, one column for each query."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import look
import panels
from grafana_foundation_sdk.builders import common as commons
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue
from grafana_foundation_sdk.models.prometheus import PromQueryFormat


@dataclass(frozen=True)
class Column:
    """A column and the query it is made of; its name is what people read."""

    name: str
    expression: str
    unit: str = look.COUNT
    decimals: int | None = None
    limits: look.Steps = ()
    lowest: str = look.GOOD
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    width: int | None = None


def grid(
    title: str,
    description: str,
    keys: dict[str, str],
    columns: Sequence[Column],
    *,
    links: Sequence[DashboardLink] = (),
    sort: str = "",
    descending: bool = True,
) -> table.Panel:
    """A table of now. `keys` are the labels that make a row, and what people call them; `links` those of the first."""
    panel = table.Panel().title(title).description(description).datasource(look.PROMETHEUS).mappings(look.texts())
    panel = panel.color_scheme(look.by_threshold()).thresholds(look.steps((), lowest=look.IDLE)).interval(panels.STEP)
    for index, column in enumerate(columns):
        query = panels.target(panels.Q(column.expression), index).instant().format(PromQueryFormat.TABLE)
        panel = panel.with_target(query).override_by_name(column.name, _properties(column))
    first = next(iter(keys.values()))
    panel = panel.override_by_name(first, [DynamicConfigValue(id_val="links", value=[one.build() for one in links])])
    for step in _transformations(keys, columns):
        panel = panel.with_transformation(step)
    if sort:
        panel = panel.sort_by([commons.TableSortByFieldState().display_name(sort).desc(descending)])
    return panel


def _properties(column: Column) -> list[DynamicConfigValue]:
    """What is particular to a column: its unit, and its colour where a value can be bad."""
    found = [DynamicConfigValue(id_val="unit", value=column.unit)]
    if column.decimals is not None:
        found.append(DynamicConfigValue(id_val="decimals", value=column.decimals))
    if column.width is not None:
        found.append(DynamicConfigValue(id_val="custom.width", value=column.width))
    if column.values:
        found.append(DynamicConfigValue(id_val="mappings", value=look.texts(column.values)))
    if column.limits:
        limits = look.steps(column.limits, lowest=column.lowest).build()
        found.append(DynamicConfigValue(id_val="thresholds", value=limits))
    if column.limits or column.values:
        found.append(DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}))
    return found


def _transformations(keys: dict[str, str], columns: Sequence[Column]) -> list[DataTransformerConfig]:
    """One table of all queries, its columns named and in order."""
    values = ["Value"] if len(columns) == 1 else [f"Value #{panels.ref(index)}" for index in range(len(columns))]
    names = {**keys, **{value: column.name for value, column in zip(values, columns, strict=True)}}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate(names)},
        "renameByName": names,
    }
    merge = [DataTransformerConfig(id_val="merge", options={})] if len(columns) > 1 else []
    return [*merge, DataTransformerConfig(id_val="organize", options=organize)]
