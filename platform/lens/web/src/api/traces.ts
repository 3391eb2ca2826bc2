import { useQuery } from "@tanstack/react-query";
import type { OtlpTrace } from "@/model/otlp";
import { parseTrace } from "@/model/trace";
import { address, getJson, type Parameter } from "./http";

export interface TraceSummary {
  trace_id: string;
  correlation_id: string;
  service: string;
  name: string;
  start_unix_ms: number;
  duration_ms: number;
  spans: number;
  errors: number;
  services: { name: string; spans: number }[];
}

/** Summaries of the newest traces that match; `search` names the question, `ask` makes it of the present time. */
export function useTraces(search: string, ask: () => Record<string, Parameter>, live: boolean) {
  return useQuery({
    queryKey: ["traces", search],
    queryFn: async ({ signal }) => {
      const answer = await getJson<{ traces: TraceSummary[] }>(address("/api/console/traces", ask()), signal);
      return answer.traces;
    },
    refetchInterval: live ? 5_000 : false,
    keepPreviousData: true,
  });
}

/** One trace, parsed. It is asked for again for a while, since late spans may still come. */
export function useTrace(traceId: string) {
  return useQuery({
    queryKey: ["trace", traceId],
    queryFn: async ({ signal }) => parseTrace(await getJson<OtlpTrace>(`/api/otlp/traces/${traceId}`, signal)),
    enabled: traceId !== "",
    staleTime: 60_000,
  });
}

/** Names of the services that have sent spans. */
export function useTracedServices() {
  return useQuery({
    queryKey: ["jaeger", "services"],
    queryFn: async ({ signal }) => (await getJson<{ data: string[] }>("/api/services", signal)).data.sort(),
    staleTime: 30_000,
  });
}

/** Names of a service's operations. */
export function useOperations(service: string) {
  return useQuery({
    queryKey: ["jaeger", "operations", service],
    queryFn: async ({ signal }) => {
      const url = `/api/services/${encodeURIComponent(service)}/operations`;
      return (await getJson<{ data: string[] }>(url, signal)).data.sort();
    },
    enabled: service !== "",
    staleTime: 30_000,
  });
}
