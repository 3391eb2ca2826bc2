/** The search for traces, between the address, the form and lens. */

import type { Parameter } from "@/api/http";
import { bounds, rangeOf } from "@/model/range";

export const LIMITS = ["20", "50", "100", "200", "500"];
export const DEFAULT_LIMIT = "50";

/** What lens is asked, from the page's address; a trace named by its ID is found whenever it was. Durations such as `250`, `250ms` and `1.5s` are milliseconds. */
export function traceQuery(parameters: URLSearchParams, now: number): Record<string, Parameter> {
  const { startMs, endMs } = bounds(rangeOf(parameters), now);
  const get = (name: string) => parameters.get(name)?.trim() || undefined;
  return {
    service: get("service"),
    operation: get("operation"),
    min_ms: milliseconds(get("min")),
    max_ms: milliseconds(get("max")),
    errors: get("errors"),
    tag: parameters.getAll("tag").filter(isTag),
    text: get("text"),
    ...(isTraceId(get("text") ?? "") ? {} : { start_ms: startMs, end_ms: endMs }),
    limit: get("limit") ?? DEFAULT_LIMIT,
  };
}

const DURATION = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|m)?$/;
const FACTORS: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1_000, m: 60_000 };

/** A duration as typed, in milliseconds. */
export function milliseconds(text: string | undefined): number | undefined {
  const found = DURATION.exec(text?.trim() ?? "");
  return found ? Number(found[1]) * (FACTORS[found[2] ?? "ms"] ?? 1) : undefined;
}

/** Whether a text is `key=value`. */
export function isTag(text: string): boolean {
  return /^[^=\s]+=./.test(text);
}

/** Tags as typed, separated by spaces; a value with spaces stands in double quotes. */
export function parseTags(text: string): string[] {
  const found = text.match(/[^\s=]+=(?:"[^"]*"|\S+)/g) ?? [];
  return found.map((tag) => tag.replace(/="(.*)"$/, "=$1"));
}

export function formatTags(tags: readonly string[]): string {
  return tags.map((tag) => (/\s/.test(tag) ? tag.replace(/=(.*)$/, '="$1"') : tag)).join(" ");
}

const TRACE_ID = /^[0-9a-f]{32}$/i;

/** Whether the text is a trace's ID. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text.trim());
}
