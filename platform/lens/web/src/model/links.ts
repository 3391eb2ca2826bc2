/** Addresses of the console's own pages. */

import { address } from "@/api/http";

export const serviceLink = (name: string) => `/services/${encodeURIComponent(name)}`;

export const traceLink = (traceId: string, span?: string) =>
  address(`/traces/${encodeURIComponent(traceId)}`, { span });

export interface TraceSearch {
  service?: string;
  operation?: string;
  errors?: string;
  text?: string;
  from?: string;
  to?: string;
}

export const tracesLink = (search: TraceSearch) => address("/traces", { ...search });

export interface LogSearch {
  service?: string;
  level?: string;
  text?: string;
  correlation?: string;
  trace?: string;
  span?: string;
  from?: string;
  to?: string;
}

export const logsLink = (search: LogSearch) => address("/logs", { ...search });

const BEFORE_MS = 60_000;
const AFTER_MS = 3_600_000;

/** The lines of a trace, and those that its late effects wrote. */
export function traceLogsLink(trace: { id: string; startMs: number; duration: number }): string {
  const from = String(Math.floor(trace.startMs) - BEFORE_MS);
  const to = String(Math.ceil(trace.startMs + trace.duration) + AFTER_MS);
  return logsLink({ trace: trace.id, from, to });
}

export const dashboardLink = (uid: string, variables: Record<string, string> = {}) =>
  address(
    `/dashboards/${encodeURIComponent(uid)}`,
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value])),
  );

export const runbookLink = (name: string) => `/runbooks/${encodeURIComponent(name)}`;

export const mailLink = (id: string) => `/mails/${encodeURIComponent(id)}`;

/** The name of the runbook that an annotation or a link points to, by path or by dashboard. */
export function runbookName(target: string): string | null {
  const found = /(?:runbooks\/|\/d\/runbook-)([\w-]+?)(?:\.md)?(?:[?#].*)?$/.exec(target);
  return found?.[1] ?? null;
}

export interface RecoverySearch {
  service?: string;
  fault?: string;
  text?: string;
  from?: string;
  to?: string;
}

export const recoveriesLink = (search: RecoverySearch = {}) => address("/recoveries", { ...search });

export const recoveryLink = (id: string) => `/recoveries/${encodeURIComponent(id)}`;

export const verdictLink = (id: string) => `/chaos/${encodeURIComponent(id)}`;

const AROUND_MS = 60_000;

/** A stretch of time with a minute before and after it, as addresses hold it. */
export function around(startMs: number, endMs = startMs): { from: string; to: string } {
  return { from: String(Math.floor(startMs) - AROUND_MS), to: String(Math.ceil(endMs) + AROUND_MS) };
}
