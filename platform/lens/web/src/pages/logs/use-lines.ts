/** The lines that the page shows: those of a time range, or all up to now and what comes. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { fetchLines, MAX_LINES } from "@/api/logs";
import { type LogLine, mergeLines } from "@/model/logs";
import { bounds, type Range } from "@/model/range";

const TAIL_MS = 1_000;
/** Lines come in batches, each service's when it likes: look this far back for late ones. */
const OVERLAP_MS = 10_000;

interface Wanted {
  query: string;
  range: Range;
  limit: number;
}

const nanos = (ms: number) => `${Math.floor(ms)}000000`;

/** The newest lines of a time range. */
export function useLines({ query, range, limit }: Wanted) {
  return useQuery({
    queryKey: ["logs", query, range.from, range.to, limit],
    queryFn: ({ signal }) => {
      const { startMs, endMs } = bounds(range, Date.now());
      return fetchLines(query, { start: nanos(startMs), end: nanos(endMs) }, limit, "backward", signal);
    },
    keepPreviousData: true,
  });
}

/** The lines given and those that are written from now on, asked for once a second while `running`. */
export function useTail(query: string, first: LogLine[] | undefined, running: boolean): LogLine[] {
  const [tail, setTail] = useState<{ query: string; lines: LogLine[] }>({ query, lines: [] });
  useEffect(() => {
    if (!running) {
      return;
    }
    const stop = new AbortController();
    const ask = async () => {
      const now = Date.now();
      const range = { start: nanos(now - OVERLAP_MS), end: nanos(now + OVERLAP_MS) };
      const fresh = await fetchLines(query, range, MAX_LINES, "backward", stop.signal).catch(() => []);
      if (!stop.signal.aborted) {
        setTail((before) => ({
          query,
          lines: mergeLines(before.query === query ? before.lines : [], fresh, MAX_LINES),
        }));
        timer = setTimeout(ask, TAIL_MS);
      }
    };
    let timer = setTimeout(ask, 0);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [query, running]);
  return useMemo(
    () => mergeLines(first ?? [], tail.query === query ? tail.lines : [], MAX_LINES),
    [first, tail, query],
  );
}
