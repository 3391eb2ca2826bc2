/** What warden saw, decided and did. */

import { useQuery } from "@tanstack/react-query";
import { getJson, type Parameter } from "./http";
import { AGAIN_MS, usePages } from "./pages";

export interface RecoveryRow {
  id: string;
  time_ms: number;
  event: string;
  instance: string;
  service: string;
  owner: string;
  fault: string;
  action: string;
  reason: string;
  trace_id: string;
  span_id: string;
  delay_seconds: number | null;
  recovered_seconds: number | null;
  dump: boolean;
}

export interface RecoveryPage {
  items: RecoveryRow[];
  next_cursor: string | null;
  total: number;
  unreadable: number;
  faults: string[];
}

export interface Recovery {
  entry: RecoveryRow;
  details: Record<string, unknown>;
  course: RecoveryRow[];
  dump: Record<string, unknown>;
}

export interface RecoverySummary {
  service: string;
  recoveries: number;
  last: RecoveryRow;
}

/** Entries, newest first, a page at a time; `search` names the question, `ask` makes it of the present time. */
export function useRecoveries(search: string, ask: () => Record<string, Parameter>, live: boolean) {
  return usePages<RecoveryPage>({ path: "/api/console/recoveries", search, ask, live, limit: 100 });
}

/** One entry and its course, which may still go on. */
export function useRecovery(id: string) {
  return useQuery({
    queryKey: ["recovery", id],
    queryFn: ({ signal }) => getJson<Recovery>(`/api/console/recoveries/${encodeURIComponent(id)}`, signal),
    refetchInterval: AGAIN_MS,
  });
}

/** How often each part was healed in the last hours. */
export function useRecoverySummaries() {
  return useQuery({
    queryKey: ["recoveries by service"],
    queryFn: ({ signal }) =>
      getJson<{ hours: number; services: RecoverySummary[] }>("/api/console/recoveries-by-service", signal),
    refetchInterval: AGAIN_MS,
  });
}
