/** The dashboards of this repository, each as it is. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { GrafanaDashboard, GrafanaLink } from "@/dashboard/grafana";
import { rewrite } from "@/dashboard/links";
import { convert, durationMs } from "@/dashboard/model";
import { persesFormat, timeSeriesOptions } from "@/dashboard/perses";
import { interpolateQuery, type Values } from "@/dashboard/variables";
import { beginnings, filled, thinned } from "@/pages/dashboards/panels/use-marks";

const root = fileURLToPath(new URL("../../../../dashboards", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /^[^/]+\/[^/]+\.json$/.test(name))
  .sort();
const read = (file: string) => convert(JSON.parse(readFileSync(`${root}/${file}`, "utf8")) as GrafanaDashboard);
const time = { startMs: 0, endMs: 3_600_000, intervalMs: 10_000 };

function anyValues(names: string[]): Values {
  return new Map(names.map((name) => [name, { chosen: ["orders"], options: ["orders"], several: false }]));
}

describe.each(files)("%s", (file) => {
  const dashboard = read(file);
  const panels = dashboard.sections.flatMap((section) => section.panels);
  const values = anyValues(dashboard.variables.map(({ name }) => name));

  it("has panels of known kinds only, each in the grid", () => {
    expect(panels.length).toBeGreaterThan(0);
    expect(panels.filter(({ kind }) => kind === "unknown").map(({ type }) => type)).toEqual([]);
    expect(panels.filter(({ place }) => place.x + place.w > 24 || place.y < 0)).toEqual([]);
  });

  it("has no variable left in a query", () => {
    const queries = panels.flatMap((panel) =>
      panel.targets.map(({ expr }) => interpolateQuery(expr ?? "", values, time)),
    );

    expect(queries.filter((query) => /\$[_a-z{]/i.test(query))).toEqual([]);
  });

  it("leads somewhere in the console by each of its links", () => {
    const context = { values, from: "now-1h", to: "now", labels: { service: "orders" }, fields: { Service: "orders" } };
    const links = panels.flatMap((panel): GrafanaLink[] => [...panel.links, ...(panel.field.links ?? [])]);
    const page = /^\/(services|traces|logs|dashboards|alerts|runbooks)/;

    expect(links.filter(({ url = "" }) => !page.test(rewrite(url, context) ?? "")).map(({ url }) => url)).toEqual([]);
  });

  it("has graphs that Perses' chart can draw", () => {
    const graphs = panels.filter(({ kind }) => kind === "timeseries");

    for (const panel of graphs) {
      expect(timeSeriesOptions(panel, (colour) => colour)).toMatchObject({ visual: { lineWidth: expect.any(Number) } });
    }
  });
});

describe("convert", () => {
  const panel = (id: number, y: number, type = "stat") => ({ id, type, gridPos: { x: 0, y, w: 6, h: 4 } });

  it("puts panels below their row, in coordinates of their own", () => {
    const row = { ...panel(2, 4, "row"), title: "Requests", panels: [] };
    const { sections } = convert({ uid: "u", title: "t", panels: [panel(1, 0), row, panel(3, 5), panel(4, 9)] });

    expect(sections.map(({ title, panels }) => [title, panels.map(({ id, place }) => [id, place.y])])).toEqual([
      ["", [[1, 0]]],
      [
        "Requests",
        [
          [3, 0],
          [4, 4],
        ],
      ],
    ]);
  });

  it("finds the panels of a collapsed row inside of it", () => {
    const row = { ...panel(1, 0, "row"), title: "More", collapsed: true, panels: [panel(2, 1)] };
    const [section] = convert({ uid: "u", title: "t", panels: [row] }).sections;

    expect(section).toMatchObject({ collapsed: true, panels: [{ id: 2 }] });
  });

  it("keeps the name of a kind that it does not know", () => {
    const [section] = convert({ uid: "u", title: "t", panels: [panel(1, 0, "geomap")] }).sections;

    expect(section?.panels[0]).toMatchObject({ kind: "unknown", type: "geomap" });
  });

  it("reads durations", () => {
    expect([durationMs("10s"), durationMs(">1m"), durationMs("250ms"), durationMs("")]).toEqual([
      10_000, 60_000, 250, 0,
    ]);
  });
});

describe("units", () => {
  it("are those of Perses, rates plain numbers", () => {
    expect(persesFormat({ unit: "s", decimals: 1 })).toEqual({ unit: "seconds", decimalPlaces: 1 });
    expect(persesFormat({ unit: "percentunit" })).toEqual({ unit: "percent-decimal" });
    expect(persesFormat({ unit: "reqps" })).toEqual({ unit: "decimal", shortValues: true });
  });
});

describe("marks", () => {
  it("keep the largest exemplars of each stretch, each trace once", () => {
    const exemplar = (traceId: string, atMs: number, value: number) => ({ traceId, atMs, value });
    const found = [exemplar("a", 10, 1), exemplar("b", 11, 3), exemplar("c", 12, 2), exemplar("b", 3_000_000, 1)];

    expect(thinned(found, { startMs: 0, endMs: 3_600_000 }).map(({ traceId }) => traceId)).toEqual(["b", "c"]);
  });

  it("have the labels in their title that it names", () => {
    expect(
      filled("{{recovery_service}}: {{ recovery_event }}{{none}}", { recovery_service: "a", recovery_event: "b" }),
    ).toBe("a: b");
  });

  it("tell when something began, not that it went on", () => {
    const points: [number, number][] = [15, 30, 45, 90, 105].map((seconds) => [seconds, 1]);

    expect(beginnings(points, 15)).toEqual([15, 90]);
  });
});
