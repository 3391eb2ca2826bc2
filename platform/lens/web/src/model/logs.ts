/** Log lines, and the log queries that find them. */

export interface LogLine {
  /** Unix nanoseconds, as text. */
  time: string;
  text: string;
  service: string;
  level: string;
  traceId: string;
  spanId: string;
  correlationId: string;
  labels: Record<string, string>;
}

export type LokiStreams = { stream: Record<string, string>; values: [string, string][] }[];

export interface LogFilter {
  services: readonly string[];
  levels: readonly string[];
  text: string;
  correlation: string;
  trace: string;
  span: string;
}

export const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;

/** Streams as lines, newest first; lines of the same time stay as they came. */
export function linesOf(streams: LokiStreams): LogLine[] {
  return streams
    .flatMap(({ stream, values }) => values.map(([time, text]) => lineOf(time, text, stream)))
    .sort((a, b) => compareTimes(b.time, a.time));
}

/** Which of two times in nanoseconds is later; texts of the same length compare as numbers do. */
export function compareTimes(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function lineOf(time: string, text: string, labels: Record<string, string>): LogLine {
  return {
    time,
    text,
    service: labels.service_name ?? "",
    level: labels.level ?? labels.detected_level ?? "unknown",
    traceId: labels.trace_id ?? "",
    spanId: labels.span_id ?? "",
    correlationId: labels.correlation_id ?? "",
    labels,
  };
}

/** Lines of both lists, each once, newest first, at most `most` of them. */
export function mergeLines(known: readonly LogLine[], fresh: readonly LogLine[], most: number): LogLine[] {
  const names = new Set(known.map(nameOf));
  const added = fresh.filter((line) => !names.has(nameOf(line)));
  if (added.length === 0) {
    return known as LogLine[];
  }
  return [...added, ...known].sort((a, b) => compareTimes(b.time, a.time)).slice(0, most);
}

/** What two lines that are the same have in common. */
export function nameOf(line: LogLine): string {
  return [line.time, line.labels.service_instance_id ?? line.service, line.spanId, line.text].join("\u0000");
}

/** A filter as a log query. */
export function logQuery(filter: LogFilter): string {
  const labels = [
    oneOf("level", filter.levels),
    equal("correlation_id", filter.correlation),
    equal("trace_id", filter.trace),
    equal("span_id", filter.span),
  ].filter(Boolean);
  const parts = [
    `{${oneOf("service_name", filter.services) || 'service_name=~".+"'}}`,
    filter.text ? `|= ${quoted(filter.text)}` : "",
    ...labels.map((label) => `| ${label}`),
  ];
  return parts.filter(Boolean).join(" ");
}

function equal(name: string, value: string): string {
  return value ? `${name}=${quoted(value)}` : "";
}

function oneOf(name: string, values: readonly string[]): string {
  const [first, second] = values;
  if (first === undefined || second === undefined) {
    return equal(name, first ?? "");
  }
  return `${name}=~${quoted(values.map(escapePattern).join("|"))}`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
