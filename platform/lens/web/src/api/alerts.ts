import { useQuery } from "@tanstack/react-query";
import { getJson } from "./http";

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "firing" | "pending" | "inactive";
  activeAt: string;
  value: string;
}

export interface AlertRule {
  name: string;
  query: string;
  /** Seconds. */
  duration: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "firing" | "pending" | "inactive";
  health: string;
  lastError?: string;
  alerts: Alert[];
  group: string;
}

interface Rules {
  data: { groups: { name: string; rules: (Omit<AlertRule, "group"> & { type: string })[] }[] };
}

/** Every alerting rule with what it found. */
export function useAlertRules() {
  return useQuery({
    queryKey: ["rules"],
    queryFn: async ({ signal }) => {
      const { data } = await getJson<Rules>("/api/v1/rules?type=alert", signal);
      return data.groups.flatMap(({ name, rules }): AlertRule[] =>
        rules.filter(({ type }) => type === "alerting").map((rule) => ({ ...rule, group: name })),
      );
    },
    refetchInterval: 10_000,
  });
}
