/** A trace as the waterfall needs it: spans in a tree, times in milliseconds from its beginning. */

import { type Attributes, attributesOf, type OtlpSpan, type OtlpTrace } from "./otlp";

export interface SpanEvent {
  name: string;
  /** Milliseconds from the trace's beginning. */
  at: number;
  attributes: Attributes;
}

export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

export interface Span {
  id: string;
  parentId: string;
  name: string;
  kind: string;
  service: string;
  /** Milliseconds from the trace's beginning. */
  start: number;
  duration: number;
  error: boolean;
  message: string;
  attributes: Attributes;
  resource: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  children: Span[];
}

export interface Trace {
  id: string;
  correlationId: string;
  /** Unix milliseconds. */
  startMs: number;
  duration: number;
  roots: Span[];
  /** All spans, in the order of the tree. */
  spans: Span[];
  errors: number;
  services: { name: string; spans: number }[];
  /** Spans whose parent is not in the trace. */
  orphans: number;
}

export interface Row {
  span: Span;
  depth: number;
  /** Spans below it, however deep. */
  below: number;
  collapsed: boolean;
}

const CORRELATION = "correlation.id";

/** A trace from what lens answers. */
export function parseTrace(otlp: OtlpTrace): Trace {
  const raw = otlp.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = attributesOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ span, resource: attributes })));
  });
  const start = raw.reduce((least, { span }) => min(least, BigInt(span.startTimeUnixNano)), MOST);
  const spans = raw.map(({ span, resource }) => spanOf(span, resource, start));
  const { roots, orphans } = link(spans);
  return {
    id: raw[0]?.span.traceId ?? "",
    correlationId: spans.find((span) => span.attributes[CORRELATION])?.attributes[CORRELATION] ?? "",
    startMs: start === MOST ? 0 : Number(start / 1000n) / 1000,
    duration: spans.reduce((most, span) => Math.max(most, span.start + span.duration), 0),
    roots,
    spans: roots.flatMap(inOrder),
    errors: spans.filter((span) => span.error).length,
    services: countServices(spans),
    orphans,
  };
}

const MOST = 2n ** 63n;

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function milliseconds(from: bigint, to: string): number {
  return Number(BigInt(to) - from) / 1e6;
}

function spanOf(span: OtlpSpan, resource: Attributes, start: bigint): Span {
  return {
    id: span.spanId,
    parentId: span.parentSpanId ?? "",
    name: span.name,
    kind: span.kind.replace("SPAN_KIND_", "").toLowerCase(),
    service: resource["service.name"] ?? "unknown",
    start: milliseconds(start, span.startTimeUnixNano),
    duration: milliseconds(BigInt(span.startTimeUnixNano), span.endTimeUnixNano),
    error: span.status.code === "STATUS_CODE_ERROR",
    message: span.status.message ?? "",
    attributes: attributesOf(span.attributes),
    resource,
    events: span.events.map((event) => ({
      name: event.name,
      at: milliseconds(start, event.timeUnixNano),
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map((one) => ({ ...one, attributes: attributesOf(one.attributes) })),
    children: [],
  };
}

function link(spans: Span[]): { roots: Span[]; orphans: number } {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const roots: Span[] = [];
  for (const span of spans) {
    const parent = byId.get(span.parentId);
    (parent && parent !== span ? parent.children : roots).push(span);
  }
  const byStart = (a: Span, b: Span) => a.start - b.start;
  for (const span of spans) {
    span.children.sort(byStart);
  }
  return { roots: roots.sort(byStart), orphans: roots.filter((span) => span.parentId).length };
}

/** The span and all below it, each before its children. Without recursion: a chain may be thousands deep. */
function inOrder(root: Span): Span[] {
  const found: Span[] = [];
  const waiting = [root];
  for (let span = waiting.pop(); span; span = waiting.pop()) {
    found.push(span);
    waiting.push(...span.children.toReversed());
  }
  return found;
}

function countServices(spans: Span[]): { name: string; spans: number }[] {
  const counts = new Map<string, number>();
  for (const { service } of [...spans].sort((a, b) => a.start - b.start)) {
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, spans: count }));
}

/** The rows of the waterfall, without those below a collapsed span. */
export function rowsOf(trace: Trace, collapsed: ReadonlySet<string>): Row[] {
  const sizes = sizesOf(trace);
  const rows: Row[] = [];
  const waiting = trace.roots.toReversed().map((span) => ({ span, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { span, depth } = next;
    const closed = collapsed.has(span.id);
    rows.push({ span, depth, below: sizes.get(span.id) ?? 0, collapsed: closed });
    if (!closed) {
      waiting.push(...span.children.toReversed().map((child) => ({ span: child, depth: depth + 1 })));
    }
  }
  return rows;
}

function sizesOf(trace: Trace): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const span of trace.spans.toReversed()) {
    sizes.set(
      span.id,
      span.children.reduce((sum, child) => sum + 1 + (sizes.get(child.id) ?? 0), 0),
    );
  }
  return sizes;
}

/** The spans that lead to a span, itself excluded, by id. */
export function ancestorsOf(trace: Trace, id: string): string[] {
  const byId = new Map(trace.spans.map((span) => [span.id, span]));
  const found: string[] = [];
  for (let span = byId.get(byId.get(id)?.parentId ?? ""); span; span = byId.get(span.parentId)) {
    found.push(span.id);
  }
  return found;
}
