/** Grafana's variables and macros in queries, titles and links. */

import { promDuration, rateIntervalMs } from "./interval";

export const ALL = "$__all";

export interface VariableValue {
  /** What is chosen; `$__all` among them stands for every option. */
  chosen: string[];
  options: string[];
  /** Whether several may be chosen, so that queries match it as a pattern. */
  several: boolean;
  allValue?: string;
}

export type Values = ReadonlyMap<string, VariableValue>;

const REFERENCE = /\$\{(\w+)(?:\.[\w.]+)?(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]/g;

/** The values that a variable stands for. */
export function valuesOf(value: VariableValue): string[] {
  return value.chosen.includes(ALL) ? value.options : value.chosen;
}

/** A text in which each variable is replaced by what `write` makes of it; unknown ones stay. */
export function replaceVariables(
  text: string,
  values: Values,
  write: (value: VariableValue, format: string) => string,
): string {
  return text.replace(REFERENCE, (whole, braced, format, plain, old) => {
    const value = values.get(braced ?? plain ?? old);
    return value ? write(value, format ?? "") : whole;
  });
}

export interface QueryTime {
  startMs: number;
  endMs: number;
  intervalMs: number;
}

/** A PromQL query as Prometheus is to be asked. */
export function interpolateQuery(query: string, values: Values, time: QueryTime): string {
  return replaceVariables(replaceMacros(query, time), values, writeForPrometheus);
}

function replaceMacros(query: string, { startMs, endMs, intervalMs }: QueryTime): string {
  const rangeMs = endMs - startMs;
  const macros: Record<string, string> = {
    __rate_interval: promDuration(rateIntervalMs(intervalMs)),
    __rate_interval_ms: String(rateIntervalMs(intervalMs)),
    __interval: promDuration(intervalMs),
    __interval_ms: String(intervalMs),
    __range: promDuration(Math.round(rangeMs / 1000) * 1000),
    __range_s: String(Math.round(rangeMs / 1000)),
    __range_ms: String(rangeMs),
  };
  return query.replace(/\$\{(__\w+)\}|\$(__\w+)/g, (whole, braced, plain) => macros[braced ?? plain] ?? whole);
}

function writeForPrometheus(value: VariableValue, format: string): string {
  if (value.chosen.includes(ALL) && value.allValue) {
    return value.allValue;
  }
  const found = valuesOf(value);
  if (!value.several && format !== "regex") {
    return (found[0] ?? "").replace(/[\\"]/g, "\\$&");
  }
  const patterns = found.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, "\\\\$&"));
  return patterns.length === 1 ? (patterns[0] ?? "") : `(${patterns.join("|")})`;
}

/** A title as people read it. */
export function interpolateText(text: string, values: Values): string {
  return replaceVariables(text, values, (value) => (value.chosen.includes(ALL) ? "all" : value.chosen.join(", ")));
}
