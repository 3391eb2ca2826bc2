/** Rate, errors and durations, as PromQL asks for them and as tables show them. */

import type { Sample } from "@/api/prometheus";

export interface Red {
  /** Requests a second. */
  rate: number;
  /** Share of answers that are our fault. */
  errors: number;
  /** Seconds. */
  p50: number;
  p95: number;
  p99: number;
}

const FIGURE = "figure";
const WINDOW = "5m";
const NOT_PROBES = 'http_route!~"/health/.*|/metrics"';

/** One query for all figures, by the labels given; each series says in `figure` which one it is. */
export function redQuery(by: readonly string[], service = ""): string {
  const selector = service ? `service="${service}", ${NOT_PROBES}` : NOT_PROBES;
  const labels = by.join(", ");
  const total = `sum by (${labels}) (rate(http_server_request_duration_seconds_count{${selector}}[${WINDOW}]))`;
  const failed = total.replace("{", '{http_response_status_code=~"5..", ');
  const buckets = `sum by (${labels}, le) (rate(http_server_request_duration_seconds_bucket{${selector}}[${WINDOW}]))`;
  const figures: [string, string][] = [
    ["rate", total],
    ["errors", `((${failed} or 0 * ${total}) / (${total} > 0))`],
    ["p50", `histogram_quantile(0.5, ${buckets})`],
    ["p95", `histogram_quantile(0.95, ${buckets})`],
    ["p99", `histogram_quantile(0.99, ${buckets})`],
  ];
  return figures.map(([name, query]) => `label_replace(${query}, "${FIGURE}", "${name}", "", "")`).join("\nor ");
}

/** Requests a second of each service, for sparklines. */
export const RATES = `sum by (service) (rate(http_server_request_duration_seconds_count{${NOT_PROBES}}[2m]))`;

/** The figures of each combination of labels. */
export function redBy(samples: readonly Sample[], by: readonly string[]): Map<string, Red> {
  const found = new Map<string, Red>();
  for (const { labels, value } of samples) {
    const key = redKey(by.map((name) => labels[name] ?? ""));
    const figures = found.get(key) ?? {
      rate: 0,
      errors: Number.NaN,
      p50: Number.NaN,
      p95: Number.NaN,
      p99: Number.NaN,
    };
    found.set(key, { ...figures, [labels[FIGURE] ?? ""]: value });
  }
  return found;
}

export function redKey(values: readonly string[]): string {
  return values.join("\u0000");
}

/** What is left of each error budget, and what share of requests went well, by the objective. */
export function attainment(remaining: number, objective: number): number {
  return 1 - (1 - remaining) * (1 - objective);
}
