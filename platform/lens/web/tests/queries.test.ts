import { describe, expect, it } from "vitest";
import { intervalMs, promDuration, rateIntervalMs } from "@/dashboard/interval";
import { seriesName } from "@/dashboard/legend";
import { ALL, interpolateQuery, interpolateText, type Values, type VariableValue } from "@/dashboard/variables";

const TIME = { startMs: 0, endMs: 3_600_000, intervalMs: 10_000 };

function values(service: Partial<VariableValue>): Values {
  return new Map([["service", { chosen: ["orders"], options: ["orders", "edge"], several: false, ...service }]]);
}

describe("queries", () => {
  it("have Grafana's intervals filled in", () => {
    const query = "rate(a[$__rate_interval]) + b[${__interval}] + c[$__range] + $__range_s + $__interval_ms";

    expect(interpolateQuery(query, new Map(), TIME)).toBe("rate(a[20s]) + b[10s] + c[3600s] + 3600 + 10000");
  });

  it("have variables in each of their spellings", () => {
    const query = 'up{a="$service", b="${service}", c="[[service]]", d="$services"}';

    expect(interpolateQuery(query, values({}), TIME)).toBe('up{a="orders", b="orders", c="orders", d="$services"}');
  });

  it("match several values as a pattern", () => {
    const several = values({ chosen: ["a.b", "c"], several: true });

    expect(interpolateQuery('up{service=~"$service"}', several, TIME)).toBe(String.raw`up{service=~"(a\\.b|c)"}`);
  });

  it("match all options where all are chosen", () => {
    const all = values({ chosen: [ALL], several: true });

    expect(interpolateQuery('up{service=~"$service"}', all, TIME)).toBe('up{service=~"(orders|edge)"}');
    expect(interpolateText("Load of $service", all)).toBe("Load of all");
    expect(interpolateQuery('"$service"', values({ chosen: [ALL], several: true, allValue: ".*" }), TIME)).toBe('".*"');
  });

  it("cannot be broken out of by a value", () => {
    expect(interpolateQuery('up{a="$service"}', values({ chosen: ['x"} or up{b="'] }), TIME)).toBe(
      String.raw`up{a="x\"} or up{b=\""}`,
    );
  });
});

describe("intervals", () => {
  it("are round, at least the panel's, and fit the width", () => {
    expect(intervalMs(3_600_000, 600, 5_000)).toBe(10_000);
    expect(intervalMs(300_000, 600, 5_000)).toBe(5_000);
    expect(intervalMs(28 * 86_400_000, 600, 5_000)).toBe(7_200_000);
  });

  it("of rates have several scrapes in them", () => {
    expect(rateIntervalMs(5_000)).toBe(20_000);
    expect(rateIntervalMs(60_000)).toBe(65_000);
    expect([promDuration(15_000), promDuration(250)]).toEqual(["15s", "250ms"]);
  });
});

describe("names of series", () => {
  it("follow the legend's format", () => {
    expect(seriesName("{{service}} p95", { service: "orders" }, "q", [])).toBe("orders p95");
  });

  it("are by themselves what tells series apart", () => {
    const all = [
      { service: "orders", job: "x" },
      { service: "edge", job: "x" },
    ];

    expect(seriesName("__auto", { service: "orders", job: "x" }, "q", all)).toBe("orders");
    expect(seriesName(undefined, {}, "q", [{}])).toBe("Value");
  });
});
