/** Time ranges as addresses hold them: `from=now-1h&to=now`, or Unix milliseconds. */

export interface Range {
  from: string;
  to: string;
}

export const DEFAULT_RANGE: Range = { from: "now-1h", to: "now" };

export const RANGES = [
  { from: "now-5m", label: "Last 5 minutes" },
  { from: "now-15m", label: "Last 15 minutes" },
  { from: "now-1h", label: "Last hour" },
  { from: "now-6h", label: "Last 6 hours" },
  { from: "now-24h", label: "Last 24 hours" },
  { from: "now-3d", label: "Last 3 days" },
  { from: "now-7d", label: "Last 7 days" },
  { from: "now-28d", label: "Last 28 days" },
] as const;

const RELATIVE = /^now(?:-(\d{1,6})(s|m|h|d|w))?$/;
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time of a range in Unix milliseconds, or null if it is none. */
export function resolve(text: string, now: number): number | null {
  const relative = RELATIVE.exec(text);
  if (relative) {
    return now - Number(relative[1] ?? 0) * (UNITS[relative[2] ?? "s"] ?? 0);
  }
  if (/^\d{1,14}$/.test(text)) {
    return Number(text);
  }
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** Both ends in Unix milliseconds; what cannot be understood is as by default. */
export function bounds(range: Range, now: number): { startMs: number; endMs: number } {
  const endMs = resolve(range.to, now) ?? now;
  const startMs = resolve(range.from, now) ?? now - 3_600_000;
  return startMs < endMs ? { startMs, endMs } : { startMs: endMs - 3_600_000, endMs };
}

export function isRelative(range: Range): boolean {
  return range.to === "now" && RELATIVE.test(range.from);
}

export function rangeOf(parameters: URLSearchParams, fallback: Range = DEFAULT_RANGE): Range {
  return { from: parameters.get("from") ?? fallback.from, to: parameters.get("to") ?? fallback.to };
}
