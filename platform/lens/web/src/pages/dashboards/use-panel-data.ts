/** The answers to a panel's queries. */

import { useQuery } from "@tanstack/react-query";
import { type Labels, queryNow, queryRange } from "@/api/prometheus";
import type { GrafanaTarget } from "@/dashboard/grafana";
import { intervalMs } from "@/dashboard/interval";
import { seriesName } from "@/dashboard/legend";
import type { Panel } from "@/dashboard/model";
import { interpolateQuery, type QueryTime, type Values } from "@/dashboard/variables";
import { bounds, isRelative } from "@/model/range";
import { useDashboardState } from "./context";

export interface PanelSeries {
  name: string;
  labels: Labels;
  points: [seconds: number, value: number][];
}

export interface PanelFrame {
  refId: string;
  series: PanelSeries[];
}

export interface PanelData {
  frames: PanelFrame[];
  time: QueryTime;
}

const LEAST_POINTS = 60;

/** `width` is the panel's in pixels; nothing is asked before `enabled`. */
export function usePanelData(panel: Panel, width: number, enabled: boolean) {
  const { dashboard, values, range } = useDashboardState();
  return useQuery({
    queryKey: ["panel", dashboard.uid, panel.id, range, written(panel, values)],
    queryFn: ({ signal }) => {
      const time = timeOf(panel, width, bounds(range, Date.now()));
      return ask(panel, values, time, signal);
    },
    refetchInterval: isRelative(range) && dashboard.refreshMs ? dashboard.refreshMs : false,
    keepPreviousData: true,
    enabled,
  });
}

/** The panel's queries with their variables, which tell one state of the dashboard from another. */
function written(panel: Panel, values: Values): string[] {
  const time = { startMs: 0, endMs: 0, intervalMs: 1_000 };
  return panel.targets.map(({ expr }) => interpolateQuery(expr ?? "", values, time));
}

/** The time that a panel shows: its points are aligned, so that they do not wander as time goes on. */
export function timeOf(panel: Panel, width: number, { startMs, endMs }: { startMs: number; endMs: number }): QueryTime {
  const step = intervalMs(endMs - startMs, Math.max(LEAST_POINTS, width), panel.minIntervalMs);
  const aligned = (ms: number) => Math.floor(ms / step) * step;
  return { startMs: aligned(startMs), endMs: aligned(endMs), intervalMs: step };
}

async function ask(panel: Panel, values: Values, time: QueryTime, signal?: AbortSignal): Promise<PanelData> {
  const frames = await Promise.all(panel.targets.map((target) => frameOf(target, values, time, signal)));
  return { frames, time };
}

async function frameOf(
  target: GrafanaTarget,
  values: Values,
  time: QueryTime,
  signal?: AbortSignal,
): Promise<PanelFrame> {
  const query = interpolateQuery(target.expr ?? "", values, time);
  const found = target.instant ? await newest(query, signal) : await queryRange(query, secondsOf(time), signal);
  const all = found.map(({ labels }) => labels);
  const series = found.map(({ labels, points }) => ({
    name: seriesName(target.legendFormat, labels, query, all),
    labels,
    points,
  }));
  return { refId: target.refId, series };
}

function secondsOf({ startMs, endMs, intervalMs: step }: QueryTime) {
  return { start: startMs / 1000, end: endMs / 1000, step: step / 1000 };
}

async function newest(query: string, signal?: AbortSignal) {
  const samples = await queryNow(query, signal);
  const now = Date.now() / 1000;
  return samples.map(({ labels, value }): { labels: Labels; points: [number, number][] } => ({
    labels,
    points: [[now, value]],
  }));
}
