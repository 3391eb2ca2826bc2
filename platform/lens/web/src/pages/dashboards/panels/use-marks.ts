/** Exemplars of a panel's queries and annotations of its dashboard. */

import { useQuery } from "@tanstack/react-query";
import { address, getJson } from "@/api/http";
import { fetchLines } from "@/api/logs";
import { type Labels, queryRange } from "@/api/prometheus";
import type { GrafanaAnnotation } from "@/dashboard/grafana";
import { durationMs, type Panel } from "@/dashboard/model";
import { interpolateQuery, type QueryTime, type Values } from "@/dashboard/variables";
import { nanosToMs } from "@/format/time";
import { useDashboardState } from "../context";

export interface Exemplar {
  traceId: string;
  atMs: number;
  value: number;
}

export interface AnnotationMark {
  title: string;
  atMs: number;
}

interface ExemplarAnswer {
  data: { exemplars: { labels: Labels; value: string; timestamp: number }[] }[];
}

const NO_EXEMPLARS: Exemplar[] = [];
const NO_ANNOTATIONS: AnnotationMark[] = [];
const COLUMNS = 40;
const PER_COLUMN = 2;
const MOST_ANNOTATIONS = 60;

/** The exemplars of queries that want them: of each stretch of time the largest values. */
export function useExemplars(panel: Panel, time: QueryTime): Exemplar[] {
  const { dashboard, values } = useDashboardState();
  const targets = panel.targets.filter(({ exemplar }) => exemplar);
  const { data } = useQuery({
    queryKey: ["exemplars", dashboard.uid, panel.id, time.startMs, time.endMs, [...values]],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(targets.map(({ expr = "" }) => exemplarsOf(expr, values, time, signal)));
      return thinned(found.flat(), time);
    },
    enabled: targets.length > 0,
    keepPreviousData: true,
  });
  return data ?? NO_EXEMPLARS;
}

async function exemplarsOf(expr: string, values: Values, time: QueryTime, signal?: AbortSignal): Promise<Exemplar[]> {
  const url = address("/api/v1/query_exemplars", {
    query: interpolateQuery(expr, values, time),
    start: time.startMs / 1000,
    end: time.endMs / 1000,
  });
  const { data } = await getJson<ExemplarAnswer>(url, signal);
  return data.flatMap(({ exemplars }) =>
    exemplars.flatMap(({ labels, value, timestamp }) =>
      labels.trace_id ? [{ traceId: labels.trace_id, atMs: timestamp * 1000, value: Number(value) }] : [],
    ),
  );
}

/** At most two for each fortieth of the time, the largest first, each trace once. */
export function thinned(found: Exemplar[], { startMs, endMs }: { startMs: number; endMs: number }): Exemplar[] {
  const columns = new Map<number, Exemplar[]>();
  const traces = new Set<string>();
  for (const one of [...found].sort((a, b) => b.value - a.value)) {
    const column = Math.floor(((one.atMs - startMs) / Math.max(1, endMs - startMs)) * COLUMNS);
    const there = columns.get(column) ?? [];
    if (there.length < PER_COLUMN && !traces.has(one.traceId)) {
      columns.set(column, [...there, one]);
      traces.add(one.traceId);
    }
  }
  return [...columns.values()].flat();
}

/** The moments that the dashboard's annotation queries tell of. */
export function useAnnotations(time: QueryTime): AnnotationMark[] {
  const { dashboard, values } = useDashboardState();
  const { data } = useQuery({
    queryKey: ["annotations", dashboard.uid, time.startMs, time.endMs, [...values]],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(dashboard.annotations.map((one) => annotationsOf(one, values, time, signal)));
      return newest(found.flat());
    },
    enabled: dashboard.annotations.length > 0,
    keepPreviousData: true,
  });
  return data ?? NO_ANNOTATIONS;
}

/** Those that there is room for. */
function newest(marks: AnnotationMark[]): AnnotationMark[] {
  return marks.sort((a, b) => b.atMs - a.atMs).slice(0, MOST_ANNOTATIONS);
}

function annotationsOf(
  annotation: GrafanaAnnotation,
  values: Values,
  time: QueryTime,
  signal?: AbortSignal,
): Promise<AnnotationMark[]> {
  const ask = annotation.datasource?.type === "loki" ? linesMarked : seriesMarked;
  return ask(annotation, values, time, signal);
}

/** A mark for each log line. */
async function linesMarked(
  { expr = "", titleFormat = "" }: GrafanaAnnotation,
  values: Values,
  time: QueryTime,
  signal?: AbortSignal,
): Promise<AnnotationMark[]> {
  const range = { start: `${Math.floor(time.startMs)}000000`, end: `${Math.ceil(time.endMs)}000000` };
  const query = interpolateQuery(expr, values, time);
  const lines = await fetchLines(query, range, MOST_ANNOTATIONS, "backward", signal);
  return lines.map(({ text, labels, time: at }) => ({
    title: [filled(titleFormat, labels), text].filter(Boolean).join(": "),
    atMs: nanosToMs(at),
  }));
}

const LEAST_STEP_MS = 15_000;
const MOST_POINTS = 1_000;

/** A mark where a series begins, and where it begins again. */
async function seriesMarked(
  { expr = "", step, titleFormat = "" }: GrafanaAnnotation,
  values: Values,
  time: QueryTime,
  signal?: AbortSignal,
): Promise<AnnotationMark[]> {
  const least = Math.max(durationMs(step ?? ""), LEAST_STEP_MS, (time.endMs - time.startMs) / MOST_POINTS);
  const every = Math.ceil(least / 1000);
  const range = { start: time.startMs / 1000, end: time.endMs / 1000, step: every };
  const query = interpolateQuery(expr, values, { ...time, intervalMs: every * 1000 });
  const series = await queryRange(query, range, signal);
  return series.flatMap(({ labels, points }) => {
    const title = filled(titleFormat, labels);
    return beginnings(points, every).map((seconds) => ({ title, atMs: seconds * 1000 }));
  });
}

/** A title with the labels that it names. */
export function filled(format: string, labels: Labels): string {
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? "");
}

/** The first point of each run of points that follow one another. */
export function beginnings(points: [number, number][], step: number): number[] {
  return points.flatMap(([time], index) => {
    const before = points[index - 1];
    return before && time - before[0] <= step * 1.5 ? [] : [time];
  });
}
