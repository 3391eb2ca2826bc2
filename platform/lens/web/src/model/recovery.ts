/** What warden's entries mean to a reader: plain functions. */

import type { Parameter } from "@/api/http";
import { bounds, type Range, rangeOf } from "./range";

export type Tone = "ok" | "warn" | "bad" | "plain";

export const RECOVERY_RANGE: Range = { from: "now-24h", to: "now" };
export const CHAOS_RANGE: Range = { from: "now-7d", to: "now" };

const TONES: Record<string, Tone> = {
  exited: "bad",
  failed: "bad",
  hung: "bad",
  quarantined: "bad",
  suspected: "bad",
  degraded: "warn",
  deferred: "warn",
  ejected: "warn",
  paged: "warn",
  "rolling-back": "warn",
  swollen: "warn",
  unready: "warn",
  deployed: "ok",
  ready: "ok",
  resolved: "ok",
  restored: "ok",
  resumed: "ok",
  "rolled-back": "ok",
  up: "ok",
};

/** Red: something is broken; yellow: it is being dealt with; green: it is well again. */
export function toneOf(event: string): Tone {
  return TONES[event] ?? "plain";
}

/** What lens is asked for entries, from the page's address. */
export function recoveryQuery(parameters: URLSearchParams, now: number): Record<string, Parameter> {
  const get = (name: string) => parameters.get(name)?.trim() || undefined;
  return {
    ...times(rangeOf(parameters, RECOVERY_RANGE), now),
    service: get("service"),
    fault: get("fault"),
    text: get("text"),
    ordinary: parameters.get("ordinary") === "1" ? "true" : undefined,
  };
}

/** What lens is asked for verdicts, from the page's address. */
export function verdictQuery(parameters: URLSearchParams, now: number): Record<string, Parameter> {
  return {
    ...times(rangeOf(parameters, CHAOS_RANGE), now),
    experiment: parameters.get("experiment") ?? undefined,
    failed: parameters.get("failed") === "1" ? "true" : undefined,
  };
}

function times(range: Range, now: number): Record<string, Parameter> {
  const { startMs, endMs } = bounds(range, now);
  return { start_ms: startMs, end_ms: endMs };
}

export interface Mark {
  id: string;
  /** Between 0, the beginning of the time, and 1. */
  at: number;
  tone: Tone;
  title: string;
}

interface Moment {
  id: string;
  time_ms: number;
  service: string;
  event: string;
  instance: string;
}

/** A lane for each part, by name, with a mark for each of its entries in the time. */
export function lanesOf(rows: readonly Moment[], startMs: number, endMs: number): [string, Mark[]][] {
  const lanes = new Map<string, Mark[]>();
  for (const { id, time_ms, service, event, instance } of rows) {
    const at = (time_ms - startMs) / (endMs - startMs);
    if (at >= 0 && at <= 1) {
      lanes.set(service, [
        ...(lanes.get(service) ?? []),
        { id, at, tone: toneOf(event), title: `${instance || service} ${event}` },
      ]);
    }
  }
  return [...lanes].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A dump's parts: lines, such as stacks; tables, such as what each thread waits for; and single facts. */
export function partsOf(details: Record<string, unknown>) {
  const texts: [string, string][] = [];
  const tables: [string, Record<string, unknown>][] = [];
  const facts: Record<string, string> = {};
  for (const [name, value] of Object.entries(details)) {
    const title = name.replaceAll("_", " ");
    if (Array.isArray(value)) {
      texts.push([title, value.map(textOf).join("\n")]);
    } else if (value !== null && typeof value === "object") {
      tables.push([title, value as Record<string, unknown>]);
    } else {
      facts[title] = textOf(value);
    }
  }
  return { texts, tables, facts };
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
