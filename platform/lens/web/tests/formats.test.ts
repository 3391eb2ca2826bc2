import { describe, expect, it } from "vitest";
import { slotsOf } from "@/format/colours";
import { duration, percent, rate, span } from "@/format/numbers";
import { ago, nanosToMs } from "@/format/time";
import { bounds, isRelative, resolve } from "@/model/range";
import { ticksOf } from "@/pages/trace/ticks";
import { formatTags, isTag, isTraceId, milliseconds, parseTags, traceQuery } from "@/pages/traces/query";

describe("numbers", () => {
  it.each([
    [0, "0 ms"],
    [0.0005, "500 ns"],
    [0.25, "250 µs"],
    [12.345, "12.3 ms"],
    [1_234, "1.23 s"],
    [75_000, "1 min 15 s"],
    [Number.NaN, "–"],
  ])("shows %d ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("shows a long time by its two largest units", () => {
    expect(span(90_061)).toBe("1 d 1 h");
    expect(span(0)).toBe("0 s");
  });

  it("never shows a small share as nothing", () => {
    expect(percent(0.00001)).toBe("<0.1 %");
    expect(percent(0)).toBe("0 %");
    expect(percent(0.9995, 3)).toBe("99.95 %");
  });

  it("tells idle from nearly idle", () => {
    expect([rate(0), rate(0.001), rate(2.5)]).toEqual(["idle", "<0.01/s", "2.5/s"]);
  });
});

describe("times", () => {
  const now = 1_763_922_000_000;

  it("says how long ago something was", () => {
    expect([ago(now, now), ago(now - 59_000, now), ago(now - 3_600_000, now)]).toEqual(["now", "59 s ago", "1 h ago"]);
  });

  it("reads nanoseconds beyond what a number holds", () => {
    expect(nanosToMs("1763922000123456789")).toBe(1_763_922_000_123.456);
  });

  it("resolves relative and absolute times", () => {
    expect(resolve("now-15m", now)).toBe(now - 900_000);
    expect(resolve("1763922000000", now)).toBe(now);
    expect(resolve("2025-11-23T18:20:00Z", now)).toBe(now);
    expect(resolve("yesterday", now)).toBeNull();
  });

  it("shows an hour where a range makes no sense", () => {
    expect(bounds({ from: "now", to: "now-1h" }, now)).toEqual({ startMs: now - 7_200_000, endMs: now - 3_600_000 });
    expect(isRelative({ from: "now-1h", to: "now" })).toBe(true);
    expect(isRelative({ from: "1", to: "2" })).toBe(false);
  });

  it("has round ticks", () => {
    expect(ticksOf({ from: 0, length: 677 })).toEqual([0, 200, 400, 600]);
    expect(ticksOf({ from: 310, length: 50 })).toEqual([310, 320, 330, 340, 350]);
    expect(ticksOf({ from: 0, length: 0 })).toEqual([]);
  });
});

describe("colours", () => {
  it("differ as long as there are enough", () => {
    const slots = slotsOf(["edge", "orders", "accounts", "inventory", "payments", "notifications", "lens"]);

    expect(new Set(slots.values()).size).toBe(7);
  });

  it("do not depend on the order of the names", () => {
    expect(slotsOf(["b", "a"])).toEqual(slotsOf(["a", "b"]));
  });

  it("repeat when there are too many names", () => {
    expect(slotsOf(Array.from({ length: 40 }, (_, index) => `s${index}`)).size).toBe(40);
  });
});

describe("the search for traces", () => {
  it("is asked for in lens' words", () => {
    const parameters = new URLSearchParams(
      "service=orders&min=1.5s&tag=order.id%3D7&tag=odd&errors=1&from=1000&to=2000",
    );

    expect(traceQuery(parameters, 0)).toMatchObject({
      service: "orders",
      min_ms: 1_500,
      max_ms: undefined,
      tag: ["order.id=7"],
      errors: "1",
      start_ms: 1_000,
      end_ms: 2_000,
      limit: "50",
    });
  });

  it.each([
    ["250", 250],
    ["250ms", 250],
    ["300us", 0.3],
    ["2 m", 120_000],
    ["soon", undefined],
  ])("reads the duration %s", (text, ms) => {
    expect(milliseconds(text)).toBe(ms);
  });

  it("reads tags with spaces in quotes and writes them so", () => {
    const tags = parseTags('http.route=/orders db.query.text="SELECT 1"');

    expect(tags).toEqual(["http.route=/orders", "db.query.text=SELECT 1"]);
    expect(parseTags(formatTags(tags))).toEqual(tags);
    expect(isTag("=x")).toBe(false);
  });

  it("finds a trace by its ID at any time", () => {
    const query = traceQuery(new URLSearchParams("text=c0ce79abefbf40571d28f64c177ce763"), 0);

    expect(query).not.toHaveProperty("start_ms");
  });

  it("knows a trace ID", () => {
    expect(isTraceId(" C0CE79ABEFBF40571D28F64C177CE763 ")).toBe(true);
    expect(isTraceId("c0ce79")).toBe(false);
  });
});
