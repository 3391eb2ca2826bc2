/** Verdicts on chaos experiments. */

import { useQuery } from "@tanstack/react-query";
import { getJson, type Parameter } from "./http";
import { usePages } from "./pages";

/**
 * Seconds are null for what never happened or was not asked; `bystanders` are restarts of others, by instance. An older
 * verdict may lack some of it.
 */
export interface Measured {
  detection_seconds?: number | null;
  recovery_seconds?: number | null;
  service_seconds?: number | null;
  restarts?: number;
  bystanders?: Record<string, number>;
  requests?: { sent: number; failed: number; p99_ms: number };
  orders?: { acknowledged: number; lost: number; doubled: number };
}

/** `began`, `struck` and `lifted` are Unix time in seconds. */
export interface Verdict {
  id: string;
  trace_id: string;
  experiment: string;
  title: string;
  fault: string;
  target: string;
  mode: string;
  seed: number;
  began: number;
  struck: number | null;
  lifted: number | null;
  seconds: number;
  passed: boolean;
  findings: string[];
  measured: Measured;
  cold_start_seconds: number | null;
  failures: Record<string, number>;
  failed_trace_ids: string[];
}

export interface VerdictPage {
  items: Verdict[];
  next_cursor: string | null;
  total: number;
  unreadable: number;
  experiments: string[];
}

/** Verdicts, newest first, a page at a time; `search` names the question, `ask` makes it of the present time. */
export function useVerdicts(search: string, ask: () => Record<string, Parameter>, live: boolean) {
  return usePages<VerdictPage>({ path: "/api/console/verdicts", search, ask, live, limit: 50 });
}

/** One verdict; it never changes. */
export function useVerdict(id: string) {
  return useQuery({
    queryKey: ["verdict", id],
    queryFn: ({ signal }) => getJson<Verdict>(`/api/console/verdicts/${encodeURIComponent(id)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
