import { useQuery } from "@tanstack/react-query";
import { address, getJson } from "./http";

export type Labels = Record<string, string>;

export interface Sample {
  labels: Labels;
  value: number;
}

export interface Series {
  labels: Labels;
  points: [seconds: number, value: number][];
}

interface Answer<T> {
  data: { result: T[] };
}

type Raw = { metric: Labels; value: [number, string] };
type RawSeries = { metric: Labels; values: [number, string][] };

/** The newest value of each series of a query. */
export async function queryNow(query: string, signal?: AbortSignal): Promise<Sample[]> {
  const answer = await getJson<Answer<Raw>>(address("/api/v1/query", { query }), signal);
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** A query over time. */
export async function queryRange(
  query: string,
  { start, end, step }: { start: number; end: number; step: number },
  signal?: AbortSignal,
): Promise<Series[]> {
  const url = address("/api/v1/query_range", { query, start, end, step });
  const answer = await getJson<Answer<RawSeries>>(url, signal);
  return answer.data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([time, value]) => [time, Number(value)]),
  }));
}

const SPARK_SECONDS = 30 * 60;
const SPARK_POINTS = 60;

/** Newest values, asked for again every ten seconds while Prometheus is there. */
export function useNow(query: string, enabled: boolean) {
  return useQuery({
    queryKey: ["prometheus", query],
    queryFn: ({ signal }) => queryNow(query, signal),
    refetchInterval: 10_000,
    enabled,
  });
}

/** The last half hour, for sparklines. */
export function useRecent(query: string, enabled: boolean) {
  return useQuery({
    queryKey: ["prometheus", "recent", query],
    queryFn: ({ signal }) => {
      const end = Math.floor(Date.now() / 1000);
      const step = SPARK_SECONDS / SPARK_POINTS;
      return queryRange(query, { start: end - SPARK_SECONDS, end, step }, signal);
    },
    refetchInterval: 30_000,
    enabled,
  });
}
