import { useQuery } from "@tanstack/react-query";
import { type LogLine, type LokiStreams, linesOf } from "@/model/logs";
import { address, getJson } from "./http";

export interface LogRange {
  /** Unix nanoseconds, as text: they do not fit into a number. */
  start: string;
  end: string;
}

export const MAX_LINES = 5_000;

/** The lines that a log query selects, newest first. */
export async function fetchLines(
  query: string,
  range: LogRange,
  limit: number,
  direction: "forward" | "backward",
  signal?: AbortSignal,
): Promise<LogLine[]> {
  const url = address("/loki/api/v1/query_range", { query, ...range, limit, direction });
  const answer = await getJson<{ data: { result: LokiStreams } }>(url, signal);
  return linesOf(answer.data.result);
}

/** All lines of a trace, or of one span of it; `around` is its time in milliseconds. */
export function useLinesOf(query: string, around: { startMs: number; endMs: number }) {
  const start = `${Math.floor(around.startMs) - 60_000}000000`;
  const end = `${Math.ceil(around.endMs) + 3_600_000}000000`;
  return useQuery({
    queryKey: ["lines", query, start, end],
    queryFn: ({ signal }) => fetchLines(query, { start, end }, MAX_LINES, "forward", signal),
  });
}

/** Names of the services that have logged. */
export function useLoggingServices() {
  return useQuery({
    queryKey: ["loki", "services"],
    queryFn: async ({ signal }) =>
      (await getJson<{ data: string[] }>("/loki/api/v1/label/service_name/values", signal)).data.sort(),
    staleTime: 30_000,
  });
}
