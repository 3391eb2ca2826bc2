/** Grafana's settings of a graph as those of Perses' components. */

import type { FormatOptions, ThresholdOptions, TimeSeries, TimeSeriesData } from "@perses-dev/core";
import type { GaugeChartOptions } from "@perses-dev/gauge-chart-plugin";
import type { TimeSeriesChartOptions } from "@perses-dev/timeseries-chart-plugin";
import type { Paint } from "@/app/paint";
import type { GrafanaField } from "./grafana";
import type { Panel } from "./model";
import { colourOf, format } from "./values";

const UNITS: Record<string, string> = {
  s: "seconds",
  ms: "milliseconds",
  percentunit: "percent-decimal",
  percent: "percent",
  bytes: "bytes",
  decbytes: "bytes",
};

/** Grafana's unit and decimals. Rates are plain numbers: their unit stands once above the graph, not at each line. */
export function persesFormat({ unit = "", decimals }: GrafanaField): FormatOptions {
  const name = UNITS[unit] ?? "decimal";
  const scaled = name === "bytes" || (name === "decimal" && unit !== "none");
  return {
    unit: name,
    ...(decimals === undefined || name === "bytes" ? {} : { decimalPlaces: decimals }),
    ...(scaled ? { shortValues: true } : {}),
  } as FormatOptions;
}

/** Without decimals an axis between 0 and 1 would have the same text at several lines. */
function axisFormat({ decimals, ...field }: GrafanaField): FormatOptions {
  return persesFormat(decimals ? { ...field, decimals } : field);
}

/** The steps of a threshold that have a value; the lowest one is the colour below all. */
export function persesThresholds(field: GrafanaField, paint: Paint): ThresholdOptions | undefined {
  const steps = field.thresholds?.steps ?? [];
  if (steps.length === 0) {
    return undefined;
  }
  const colour = (name: string) => paint(colourOf(name) ?? "var(--muted)");
  const [lowest] = steps.filter(({ value }) => value === null);
  return {
    mode: field.thresholds?.mode === "percentage" ? "percent" : "absolute",
    ...(lowest ? { defaultColor: colour(lowest.color) } : {}),
    steps: steps.flatMap(({ value, color }) =>
      value === null ? [] : [{ value, color: colour(color), name: `≥ ${format(value, field.unit, field.decimals)}` }],
    ),
  };
}

/** The options of Perses' time series chart. */
export function timeSeriesOptions(panel: Panel, paint: Paint): TimeSeriesChartOptions {
  const { field } = panel;
  const custom = field.custom ?? {};
  const lines = (custom.thresholdsStyle as { mode?: string } | undefined)?.mode ?? "off";
  const stacked = (custom.stacking as { mode?: string } | undefined)?.mode === "normal";
  const thresholds = lines === "off" ? undefined : persesThresholds(field, paint);
  return {
    ...(panel.options.legend?.showLegend === false ? {} : { legend: legendOf(panel) }),
    yAxis: {
      format: axisFormat(field),
      ...(field.min === undefined ? {} : { min: field.min }),
      ...(field.max === undefined ? {} : { max: field.max }),
    },
    visual: {
      display: custom.drawStyle === "bars" ? "bar" : "line",
      lineWidth: Number(custom.lineWidth ?? 1) + 0.25,
      areaOpacity: Number(custom.fillOpacity ?? 0) / 100,
      connectNulls: custom.spanNulls === true,
      stack: stacked ? "all" : "none",
      palette: { mode: "categorical" },
    },
    ...(thresholds ? { thresholds } : {}),
    tooltip: { enablePinning: false },
  };
}

function legendOf(panel: Panel): TimeSeriesChartOptions["legend"] {
  const { placement, displayMode } = panel.options.legend ?? {};
  return {
    position: placement === "right" ? "right" : "bottom",
    mode: displayMode === "table" ? "table" : "list",
    size: "small",
  };
}

export interface NamedSeries {
  name: string;
  labels: Record<string, string>;
  points: [seconds: number, value: number][];
}

/** Series as Perses' charts take them. */
export function persesData(
  series: NamedSeries[],
  range: { startMs: number; endMs: number },
  stepMs: number,
): TimeSeriesData {
  return {
    timeRange: { start: new Date(range.startMs), end: new Date(range.endMs) },
    stepMs,
    series: series.map(
      ({ name, labels, points }): TimeSeries => ({
        name: `${name} ${JSON.stringify(labels)}`,
        formattedName: name,
        labels,
        values: points.map(([seconds, value]) => [seconds * 1000, Number.isFinite(value) ? value : null]),
      }),
    ),
  };
}

/** The options of Perses' gauge. */
export function gaugeOptions({ field }: Panel, paint: Paint): GaugeChartOptions {
  const thresholds = persesThresholds(field, paint);
  return {
    calculation: "last-number",
    format: persesFormat(field),
    ...(field.max === undefined ? {} : { max: field.max }),
    ...(thresholds ? { thresholds } : {}),
    legend: { show: false },
  };
}
