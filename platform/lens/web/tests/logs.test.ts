import { describe, expect, it } from "vitest";
import { type LogFilter, linesOf, logQuery, mergeLines } from "@/model/logs";

const NONE: LogFilter = { services: [], levels: [], text: "", correlation: "", trace: "", span: "" };

describe("logQuery", () => {
  it("selects all services when none is named", () => {
    expect(logQuery(NONE)).toBe('{service_name=~".+"}');
  });

  it("has a condition for each filter", () => {
    const filter = { ...NONE, services: ["orders"], levels: ["warn", "error"], text: 'a "b"', correlation: "c1234567" };

    expect(logQuery(filter)).toBe(
      String.raw`{service_name="orders"} |= "a \"b\"" | level=~"warn|error" | correlation_id="c1234567"`,
    );
  });

  it("matches names with special characters as they are", () => {
    expect(logQuery({ ...NONE, services: ["a.b", "c"] })).toBe(String.raw`{service_name=~"a\\.b|c"}`);
  });

  it("finds the lines of one span", () => {
    expect(logQuery({ ...NONE, trace: "t", span: "s" })).toBe('{service_name=~".+"} | trace_id="t" | span_id="s"');
  });
});

describe("lines", () => {
  const stream = (values: [string, string][]) => ({ stream: { service_name: "orders", level: "info" }, values });
  const older = linesOf([stream([["1763922000000000001", "a"]])]);

  it("come newest first from several streams, by all their nanoseconds", () => {
    const lines = linesOf([stream([["1763922000000000001", "a"]]), stream([["1763922000000000002", "b"]])]);

    expect(lines.map(({ text }) => text)).toEqual(["b", "a"]);
  });

  it("are each kept once when they are read again", () => {
    const again = linesOf([
      stream([
        ["1763922000000000001", "a"],
        ["1763922000000000009", "b"],
      ]),
    ]);

    expect(mergeLines(older, again, 10).map(({ text }) => text)).toEqual(["b", "a"]);
  });

  it("stay the same list when nothing is new", () => {
    expect(mergeLines(older, older, 10)).toBe(older);
  });

  it("are no more than allowed, the newest of them", () => {
    const fresh = linesOf([stream([["1763922000000000005", "b"]])]);

    expect(mergeLines(older, fresh, 1).map(({ text }) => text)).toEqual(["b"]);
  });
});
