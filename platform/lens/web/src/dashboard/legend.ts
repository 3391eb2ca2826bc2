/** Names of series. */

import type { Labels } from "@/api/prometheus";

/** A series' name by Grafana's legend format; `__auto` is the labels in which it differs from the others. */
export function seriesName(format: string | undefined, labels: Labels, query: string, all: readonly Labels[]): string {
  if (format && format !== "__auto") {
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? "") || query;
  }
  const names = Object.keys(labels).filter((name) => name !== "__name__");
  const telling = names.filter((name) => all.some((other) => other[name] !== labels[name]));
  const shown = telling.length ? telling : names;
  if (shown.length === 0) {
    return labels.__name__ ?? "Value";
  }
  return shown.length === 1
    ? (labels[shown[0] ?? ""] ?? "")
    : shown.map((name) => `${name}=${labels[name] ?? ""}`).join(" ");
}
