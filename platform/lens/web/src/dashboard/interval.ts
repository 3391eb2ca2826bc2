/** How far apart points are asked for, and what Grafana's interval macros mean then. */

const NICE_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];
const SCRAPE_MS = 5_000;
const SCRAPES = 4;

/** The distance of points for a range drawn that many pixels wide. */
export function intervalMs(rangeMs: number, points: number, leastMs: number): number {
  const wanted = rangeMs / Math.max(1, points);
  return Math.max(leastMs, NICE_MS.find((nice) => nice >= wanted) ?? wanted);
}

/** What `$__rate_interval` is: long enough to have several scrapes in it. */
export function rateIntervalMs(interval: number): number {
  return Math.max(interval + SCRAPE_MS, SCRAPES * SCRAPE_MS);
}

/** As PromQL writes a duration. */
export function promDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${Math.round(ms)}ms`;
}
