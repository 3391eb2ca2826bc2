import { expect, it } from "vitest";
import { attainment, redBy, redKey, redQuery } from "@/model/red";

it("asks for all figures in one query that leaves probes out", () => {
  const query = redQuery(["http_route"], "orders");

  expect(query.match(/label_replace\(/g)).toHaveLength(5);
  expect(query).toContain('service="orders", http_route!~"/health/.*|/metrics"');
});

it("puts the figures of a series together", () => {
  const sample = (figure: string, value: number) => ({ labels: { service: "orders", figure }, value });
  const red = redBy([sample("rate", 2), sample("p95", 0.3), sample("errors", 0.01)], ["service"]);

  expect(red.get(redKey(["orders"]))).toEqual({ rate: 2, errors: 0.01, p50: Number.NaN, p95: 0.3, p99: Number.NaN });
});

it("knows what was attained from what is left of the budget", () => {
  expect(attainment(1, 0.99)).toBe(1);
  expect(attainment(0, 0.99)).toBeCloseTo(0.99);
  expect(attainment(-1, 0.99)).toBeCloseTo(0.98);
});
