/** Dashboards, runbooks and mails. */

import { useQuery } from "@tanstack/react-query";
import type { GrafanaDashboard } from "@/dashboard/grafana";
import { convert } from "@/dashboard/model";
import { getJson } from "./http";

export interface DashboardSummary {
  uid: string;
  title: string;
  description: string;
  folder: string;
  tags: string[];
}

/** All dashboards. */
export function useDashboards() {
  return useQuery({
    queryKey: ["dashboards"],
    queryFn: ({ signal }) => getJson<DashboardSummary[]>("/api/console/dashboards", signal),
    staleTime: 30_000,
  });
}

/** One dashboard, converted. */
export function useDashboard(uid: string) {
  return useQuery({
    queryKey: ["dashboard", uid],
    queryFn: async ({ signal }) =>
      convert(await getJson<GrafanaDashboard>(`/api/console/dashboards/${encodeURIComponent(uid)}`, signal)),
    staleTime: 60_000,
  });
}

export interface Runbook {
  name: string;
  title: string;
  markdown: string;
}

/** A runbook. */
export function useRunbook(name: string) {
  return useQuery({
    queryKey: ["runbook", name],
    queryFn: ({ signal }) => getJson<Runbook>(`/api/console/runbooks/${encodeURIComponent(name)}`, signal),
    staleTime: 60_000,
  });
}

/** Names and titles of all runbooks. */
export function useRunbooks() {
  return useQuery({
    queryKey: ["runbooks"],
    queryFn: ({ signal }) => getJson<Omit<Runbook, "markdown">[]>("/api/console/runbooks", signal),
    staleTime: 60_000,
  });
}
