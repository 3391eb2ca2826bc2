import { describe, expect, it } from "vitest";
import type { OtlpSpan, OtlpTrace } from "@/model/otlp";
import { ancestorsOf, parseTrace, rowsOf } from "@/model/trace";

const START = 1_763_922_000_000_000_000n;

function span(id: string, parentSpanId: string, startUs: number, more: Partial<OtlpSpan> = {}): OtlpSpan {
  const start = START + BigInt(startUs) * 1_000n;
  return {
    traceId: "t",
    spanId: id,
    ...(parentSpanId ? { parentSpanId } : {}),
    name: `span ${id}`,
    kind: "SPAN_KIND_SERVER",
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 1_500_000n),
    attributes: [],
    events: [],
    links: [],
    status: {},
    ...more,
  };
}

function otlp(spans: OtlpSpan[], service = "edge"): OtlpTrace {
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] };
}

const ids = (spans: { id: string }[]) => spans.map(({ id }) => id);

describe("parseTrace", () => {
  it("orders spans as a tree, children by their start", () => {
    const trace = parseTrace(otlp([span("c", "a", 30), span("b", "a", 10), span("d", "b", 20), span("a", "", 0)]));

    expect(ids(trace.spans)).toEqual(["a", "b", "d", "c"]);
    expect(trace.roots).toHaveLength(1);
  });

  it("keeps nanoseconds that a number could not hold", () => {
    const trace = parseTrace(otlp([span("a", "", 0), span("b", "a", 1)]));

    expect(trace.spans[1]?.start).toBe(0.001);
    expect(trace.spans[1]?.duration).toBe(1.5);
    expect(trace.duration).toBe(1.501);
  });

  it("shows spans whose parent is missing, and counts them", () => {
    const trace = parseTrace(otlp([span("a", "", 0), span("b", "gone", 5)]));

    expect(ids(trace.roots)).toEqual(["a", "b"]);
    expect(trace.orphans).toBe(1);
  });

  it("reads errors, values of every kind, and the correlation ID", () => {
    const failed = span("a", "", 0, {
      status: { code: "STATUS_CODE_ERROR", message: "no stock" },
      attributes: [
        { key: "correlation.id", value: { stringValue: "abc12345" } },
        { key: "http.response.status_code", value: { intValue: "503" } },
        { key: "retried", value: { boolValue: false } },
        { key: "tags", value: { arrayValue: { values: [{ stringValue: "x" }, { doubleValue: 0.5 }] } } },
      ],
    });

    const trace = parseTrace(otlp([failed]));

    expect(trace.errors).toBe(1);
    expect(trace.correlationId).toBe("abc12345");
    expect(trace.spans[0]?.message).toBe("no stock");
    expect(trace.spans[0]?.attributes).toEqual({
      "correlation.id": "abc12345",
      "http.response.status_code": "503",
      retried: "false",
      tags: '["x",0.5]',
    });
  });

  it("takes a chain of ten thousand spans", () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => span(`${index}`, index ? `${index - 1}` : "", index));

    const trace = parseTrace(otlp(chain));

    expect(trace.spans).toHaveLength(10_000);
    expect(rowsOf(trace, new Set()).at(-1)?.depth).toBe(9_999);
  });

  it("survives a span that names itself as its parent", () => {
    expect(parseTrace(otlp([span("a", "a", 0)])).spans).toHaveLength(1);
  });

  it("counts spans by service in the order in which services appear", () => {
    const two = otlp([span("b", "a", 5)], "orders").resourceSpans;
    const trace = parseTrace({ resourceSpans: [...two, ...otlp([span("a", "", 0)]).resourceSpans] });

    expect(trace.services).toEqual([
      { name: "edge", spans: 1 },
      { name: "orders", spans: 1 },
    ]);
  });
});

describe("rowsOf", () => {
  const trace = parseTrace(otlp([span("a", "", 0), span("b", "a", 1), span("c", "b", 2), span("d", "a", 3)]));

  it("hides what is below a collapsed span and says how much that is", () => {
    const rows = rowsOf(trace, new Set(["b"]));

    expect(rows.map(({ span: { id }, depth, below }) => [id, depth, below])).toEqual([
      ["a", 0, 3],
      ["b", 1, 1],
      ["d", 1, 0],
    ]);
  });

  it("knows which spans lead to another", () => {
    expect(ancestorsOf(trace, "c")).toEqual(["b", "a"]);
  });
});
