import { describe, expect, it } from "vitest";
import type { GrafanaField } from "@/dashboard/grafana";
import { colourOf, fieldFor, format, show } from "@/dashboard/values";

describe("format", () => {
  it.each([
    [0.0712, "percentunit", 2, "7.12 %"],
    [0.0009999, "s", undefined, "1 ms"],
    [0.282, "s", undefined, "282 ms"],
    [3_000, "s", 0, "50 min"],
    [1_536, "bytes", undefined, "1.5 KiB"],
    [12_345, "short", undefined, "12.3 K"],
    [3.21, "reqps", 1, "3.2 req/s"],
    [0, "s", undefined, "0 s"],
    [7, "none", undefined, "7"],
    [Number.POSITIVE_INFINITY, "short", undefined, "∞"],
  ])("shows %d in %s with %s decimals as %s", (value, unit, decimals, text) => {
    expect(format(value, unit, decimals)).toBe(text);
  });
});

describe("show", () => {
  const field: GrafanaField = {
    unit: "short",
    thresholds: {
      mode: "absolute",
      steps: [
        { color: "green", value: null },
        { color: "orange", value: 1 },
        { color: "dark-red", value: 3 },
      ],
    },
    mappings: [
      { type: "special", options: { match: "null+nan", result: { text: "idle", color: "text" } } },
      { type: "value", options: { "2": { text: "open", color: "red" } } },
    ],
  };

  it("takes the colour of the last threshold reached", () => {
    expect([0, 1, 5].map((value) => show(value, field).colour)).toEqual(["var(--ok)", "var(--warn)", "var(--bad)"]);
  });

  it("names values as their mapping does", () => {
    expect(show(2, field)).toEqual({ text: "open", colour: "var(--bad)" });
    expect(show(Number.NaN, field).text).toBe("idle");
    expect(show(null, field).text).toBe("idle");
  });

  it("maps ranges", () => {
    const ranged: GrafanaField = {
      mappings: [{ type: "range", options: { from: 10, to: null, result: { text: "many" } } }],
    };

    expect([show(10, ranged).text, show(9, ranged).text]).toEqual(["many", "9"]);
  });

  it("has no colour where the palette decides", () => {
    expect(show(5, { ...field, mappings: [], color: { mode: "palette-classic" } }).colour).toBeNull();
  });

  it("keeps colours that are not names", () => {
    expect([colourOf("#abc"), colourOf("no-such"), colourOf(undefined)]).toEqual(["#abc", null, null]);
  });
});

describe("fieldFor", () => {
  const overrides = [
    { matcher: { id: "byName", options: "p95" }, properties: [{ id: "unit", value: "s" }] },
    { matcher: { id: "byFrameRefID", options: "B" }, properties: [{ id: "custom.lineWidth", value: 3 }] },
    { matcher: { id: "byRegexp", options: "/^p/" }, properties: [{ id: "decimals", value: 1 }] },
  ];

  it("applies what matches by name, by query and by pattern", () => {
    expect(fieldFor({ unit: "short" }, overrides, "p95", "A")).toMatchObject({ unit: "s", decimals: 1 });
    expect(fieldFor({ unit: "short" }, overrides, "x", "B")).toMatchObject({ unit: "short", custom: { lineWidth: 3 } });
  });
});
