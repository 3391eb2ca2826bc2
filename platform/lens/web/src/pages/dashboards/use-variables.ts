/** The values of a dashboard's variables, as the address has them or by default, and their options. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { address, getJson } from "@/api/http";
import { useParameters } from "@/components/range-picker";
import type { GrafanaVariable } from "@/dashboard/grafana";
import { ALL, interpolateQuery, type Values, type VariableValue } from "@/dashboard/variables";

const LABEL_VALUES = /^\s*label_values\(\s*(?:(.+),\s*)?([A-Za-z_]\w*)\s*\)\s*$/s;
const NO_TIME = { startMs: 0, endMs: 3_600_000, intervalMs: 15_000 };

export interface Variables {
  values: Values;
  settled: boolean;
  choose: (name: string, values: string[]) => void;
}

/** Nothing is asked of Prometheus unless it is there. */
export function useVariables(variables: GrafanaVariable[], measured: boolean): Variables {
  const { parameters, change } = useParameters();
  const chosen = useMemo(() => chosenOf(variables, parameters), [variables, parameters]);
  const answers = useQueries({
    queries: variables.map((variable) => {
      const query = interpolateQuery(queryOf(variable), chosen, NO_TIME);
      return {
        queryKey: ["variable", variable.type, query],
        queryFn: ({ signal }: { signal?: AbortSignal | undefined }) => optionsOf(variable, query, signal),
        staleTime: 30_000,
        enabled: measured || variable.type !== "query",
      };
    }),
  });
  const options = answers.map(({ data }) => data ?? []);
  const signature = JSON.stringify(options);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the options
  const values = useMemo(() => withOptions(variables, chosen, options), [variables, chosen, signature]);
  return {
    values,
    settled: answers.every(({ isInitialLoading }) => !isInitialLoading),
    choose: (name, wanted) => change({ [`var-${name}`]: wanted }, false),
  };
}

function listOf(value: string | string[] | undefined): string[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function queryOf({ query }: GrafanaVariable): string {
  return typeof query === "string" ? query : (query?.query ?? "");
}

function chosenOf(variables: GrafanaVariable[], parameters: URLSearchParams): Values {
  return new Map(
    variables.map((variable): [string, VariableValue] => {
      const given = parameters.getAll(`var-${variable.name}`).flatMap((text) => text.split(","));
      const known = given.filter(Boolean).map((text) => (text === "All" ? ALL : text));
      const several = Boolean(variable.multi || variable.includeAll);
      const chosen = known.length ? known : listOf(variable.current?.value);
      const allValue = variable.allValue ? { allValue: variable.allValue } : {};
      return [variable.name, { chosen: several ? chosen : chosen.slice(0, 1), options: [], several, ...allValue }];
    }),
  );
}

function withOptions(variables: GrafanaVariable[], chosen: Values, options: string[][]): Values {
  return new Map(
    variables.flatMap(({ name }, index): [string, VariableValue][] => {
      const value = chosen.get(name);
      const found = options[index] ?? [];
      const first = value?.chosen.length ? value.chosen : found.slice(0, 1);
      return value ? [[name, { ...value, chosen: first, options: found }]] : [];
    }),
  );
}

async function optionsOf(variable: GrafanaVariable, query: string, signal?: AbortSignal): Promise<string[]> {
  const labelValues = LABEL_VALUES.exec(query);
  if (variable.type === "query" && labelValues) {
    const [, selector, label = ""] = labelValues;
    const url = address(`/api/v1/label/${label}/values`, { "match[]": selector?.trim() });
    return (await getJson<{ data: string[] }>(url, signal)).data.sort();
  }
  if (variable.type === "custom" || variable.type === "interval") {
    return query.split(",").map((one) => one.split(" : ").at(-1)?.trim() ?? "");
  }
  return listOf(variable.current?.value);
}
