/** The panels that Perses' components draw. Loaded only when a dashboard has one of them. */

import { ThemeProvider } from "@mui/material";
import { ChartsProvider, generateChartsTheme, getTheme, type PersesChartsTheme } from "@perses-dev/components";
import type { QueryDefinition, TimeSeriesData } from "@perses-dev/core";
import { GaugeChartPanel } from "@perses-dev/gauge-chart-plugin/lib/GaugeChartPanel";
import { type PanelData as PersesPanelData, TimeRangeProvider } from "@perses-dev/plugin-system";
import { TimeSeriesChartPanel } from "@perses-dev/timeseries-chart-plugin/lib/TimeSeriesChartPanel";
import { type ReactNode, useMemo } from "react";
import { type Paint, usePaint } from "@/app/paint";
import { type Theme, useTheme } from "@/app/theme";
import { gaugeOptions, persesData, timeSeriesOptions } from "@/dashboard/perses";
import { useDashboardState } from "../context";
import type { PanelData } from "../use-panel-data";
import { Marks } from "./marks";
import type { PanelProps } from "./props";
import { useSeriesColours } from "./series-colours";
import { useSize } from "./use-size";

const QUERY: QueryDefinition = {
  kind: "TimeSeriesQuery",
  spec: { plugin: { kind: "PrometheusTimeSeriesQuery", spec: {} } },
};
const PADDING = 6;
const FONT = "Inter Variable, sans-serif";

/** Lines or bars over time, with exemplars and annotations above them. */
export function TimeSeriesPanel(props: PanelProps) {
  const { panel, data } = props;
  const [element, size] = useSize();
  const paint = usePaint();
  const colours = useSeriesColours(props);
  const options = useMemo(() => timeSeriesOptions(panel, paint), [panel, paint]);
  const results = useMemo(() => resultsOf(data), [data]);
  return (
    <div ref={element} className="chart" data-testid="chart">
      <Surroundings colours={colours}>
        {size && <TimeSeriesChartPanel spec={options} contentDimensions={size} queryResults={results} />}
      </Surroundings>
      <Marks panel={panel} data={data} />
    </div>
  );
}

/** A half circle filled up to the newest value. */
export function GaugePanel({ panel, data }: PanelProps) {
  const [element, size] = useSize();
  const paint = usePaint();
  const options = useMemo(() => gaugeOptions(panel, paint), [panel, paint]);
  const results = useMemo(() => resultsOf(data), [data]);
  return (
    <div ref={element} className="chart" data-testid="chart">
      <Surroundings colours={[]}>
        {size && <GaugeChartPanel spec={options} contentDimensions={size} queryResults={results} />}
      </Surroundings>
    </div>
  );
}

function resultsOf(data: PanelData): PersesPanelData<TimeSeriesData>[] {
  return data.frames.map(({ series }) => ({
    definition: QUERY,
    data: persesData(series, data.time, data.time.intervalMs),
  }));
}

/** What Perses' components expect around them: theme, colours, time range. */
function Surroundings({ colours, children }: { colours: string[]; children: ReactNode }) {
  const { range, setRange } = useDashboardState();
  const theme = useTheme();
  const paint = usePaint();
  const mui = useMemo(() => muiTheme(theme, paint), [theme, paint]);
  const signature = colours.join("|");
  const charts = useMemo(() => {
    const base = generateChartsTheme(mui, {});
    return styled(base, signature ? signature.split("|") : [], paint);
  }, [mui, signature, paint]);
  const zoom = (to: unknown) => {
    const { start, end } = to as { start?: Date; end?: Date };
    if (start && end) {
      setRange({ from: String(start.getTime()), to: String(end.getTime()) });
    }
  };
  return (
    <ThemeProvider theme={mui}>
      <ChartsProvider chartsTheme={charts} enableSyncGrouping enablePinning={false}>
        <TimeRangeProvider timeRange={ABSOLUTE} setTimeRange={zoom} key={range.from + range.to}>
          {children}
        </TimeRangeProvider>
      </ChartsProvider>
    </ThemeProvider>
  );
}

function muiTheme(theme: Theme, paint: Paint) {
  const surface = paint("var(--surface)");
  return getTheme(theme, {
    palette: {
      background: { default: surface, paper: surface },
      text: { primary: paint("var(--text)"), secondary: paint("var(--muted)") },
      primary: { main: paint("var(--accent)") },
    },
    typography: { fontFamily: FONT },
  });
}

/** The charts know their range from their data; this one only satisfies the provider. */
const ABSOLUTE = { start: new Date(0), end: new Date(1) };

function styled(base: PersesChartsTheme, colours: string[], paint: Paint): PersesChartsTheme {
  const text = { color: paint("var(--muted)"), fontFamily: FONT, fontSize: 11 };
  const line = { lineStyle: { color: paint("var(--line)"), width: 1, opacity: 1 } };
  const axis = { axisLabel: { ...text, margin: 8 }, splitLine: { show: true, ...line } };
  return {
    ...base,
    container: { padding: { default: PADDING } },
    echartsTheme: {
      ...base.echartsTheme,
      ...(colours.length ? { color: colours } : {}),
      textStyle: text,
      valueAxis: { ...(base.echartsTheme.valueAxis as object), ...axis },
      timeAxis: {
        ...(base.echartsTheme.timeAxis as object),
        ...axis,
        splitLine: { show: false },
        axisLine: { show: true, ...line },
      },
    },
  };
}
