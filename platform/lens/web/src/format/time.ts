/** Points in time, in the reader's time zone. */

const pad = (value: number, length = 2) => String(value).padStart(length, "0");

/** 14:05:09.123 */
export function clock(ms: number): string {
  const date = new Date(ms);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part)).join(":");
  return `${time}.${pad(date.getMilliseconds(), 3)}`;
}

/** 2026-11-25 */
export function day(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** The time, with the day unless it is today. */
export function moment(ms: number, now = Date.now()): string {
  return day(ms) === day(now) ? clock(ms) : `${day(ms)} ${clock(ms)}`;
}

/** How long ago, roughly. */
export function ago(ms: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  const steps: [number, number, string][] = [
    [60, 1, "s"],
    [3_600, 60, "min"],
    [86_400, 3_600, "h"],
    [Number.POSITIVE_INFINITY, 86_400, "d"],
  ];
  const [, divisor, unit] = steps.find(([limit]) => seconds < limit) ?? [0, 1, "s"];
  return seconds < 2 ? "now" : `${Math.floor(seconds / divisor)} ${unit} ago`;
}

/** Nanoseconds, as text, in milliseconds. */
export function nanosToMs(nanos: string): number {
  return Number(BigInt(nanos || "0") / 1000n) / 1000;
}

/** As a field for date and time wants it: 2026-11-25T14:05:09 */
export function localText(ms: number): string {
  return `${day(ms)}T${clock(ms).slice(0, 8)}`;
}
