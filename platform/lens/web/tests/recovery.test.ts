import { describe, expect, it } from "vitest";
import type { Verdict } from "@/api/verdicts";
import { around, recoveriesLink } from "@/model/links";
import { lanesOf, partsOf, recoveryQuery, toneOf, verdictQuery } from "@/model/recovery";
import { figuresOf } from "@/model/verdict";

const NOW = 1_700_000_000_000;
const DAY_MS = 86_400_000;

describe("the search for entries", () => {
  it("is of the last day where the address says nothing", () => {
    const query = recoveryQuery(new URLSearchParams(), NOW);

    expect(query).toEqual({ start_ms: NOW - DAY_MS, end_ms: NOW });
  });

  it("is narrowed by what the address says", () => {
    const parameters = new URLSearchParams("service=orders&fault=hang&text=%20no%20answer&ordinary=1&from=1&to=9");

    expect(recoveryQuery(parameters, NOW)).toEqual({
      start_ms: 1,
      end_ms: 9,
      service: "orders",
      fault: "hang",
      text: "no answer",
      ordinary: "true",
    });
  });

  it("of verdicts is of the last week", () => {
    const query = verdictQuery(new URLSearchParams("failed=1&experiment=kill"), NOW);

    expect(query).toEqual({ start_ms: NOW - 7 * DAY_MS, end_ms: NOW, experiment: "kill", failed: "true" });
  });

  it("finds what happened during a run by its address", () => {
    expect(recoveriesLink(around(100_000, 200_000.5))).toBe("/recoveries?from=40000&to=260001");
  });
});

describe("entries along the time", () => {
  const entry = (service: string, time_ms: number, event = "hung") => ({
    id: `${service}-${time_ms}`,
    service,
    instance: `${service}-1`,
    event,
    time_ms,
  });

  it("have a lane for each part, by name, and their place in the time", () => {
    const lanes = lanesOf([entry("orders", 75, "ready"), entry("orders", 50), entry("edge", 0)], 0, 100);

    expect(lanes.map(([service, marks]) => [service, marks.map(({ at }) => at)])).toEqual([
      ["edge", [0]],
      ["orders", [0.75, 0.5]],
    ]);
    expect(lanes[1]?.[1].map(({ tone }) => tone)).toEqual(["ok", "bad"]);
  });

  it("that are not of the time are not on it", () => {
    expect(lanesOf([entry("orders", -1), entry("orders", 101)], 0, 100)).toEqual([]);
  });

  it("of an unknown kind have no colour", () => {
    expect(toneOf("somethingNew")).toBe("plain");
  });
});

it("a dump has lines, tables and single facts", () => {
  const parts = partsOf({ state: "T (stopped)", threads: 3, stacks: ["File a", "File b"], wchan: { "7": "ep_poll" } });

  expect(parts.facts).toEqual({ state: "T (stopped)", threads: "3" });
  expect(parts.texts).toEqual([["stacks", "File a\nFile b"]]);
  expect(parts.tables).toEqual([["wchan", { "7": "ep_poll" }]]);
});

describe("the figures of a verdict", () => {
  const verdict = (changes: Partial<Verdict["measured"]>) =>
    ({
      cold_start_seconds: 2,
      measured: {
        detection_seconds: 0.0123,
        recovery_seconds: 3,
        service_seconds: null,
        restarts: 1,
        bystanders: {},
        requests: { sent: 2000, failed: 3, p99_ms: 1 },
        orders: { acknowledged: 9, lost: 0, doubled: 0 },
        ...changes,
      },
    }) as Verdict;
  const values = (of: Verdict) => Object.fromEntries(figuresOf(of).map(({ name, value }) => [name, value]));
  const bad = (of: Verdict) => figuresOf(of).flatMap(({ name, tone }) => (tone === "bad" ? [name] : []));

  it("say seconds, shares of a cold start, and what never happened", () => {
    expect(values(verdict({}))).toMatchObject({
      "Noticed after": "0.01 s",
      "Recovered after": "3 s",
      "÷ cold start": "1.5",
      "Served after": "–",
      "Requests failed": "3 of 2,000",
    });
    expect(bad(verdict({}))).toEqual([]);
  });

  it("that an older verdict lacks are not nought", () => {
    const shown = values({ cold_start_seconds: null, measured: {} } as Verdict);

    expect(new Set(Object.values(shown))).toEqual(new Set(["–"]));
  });

  it("are red where something must be nought and is not", () => {
    const orders = { acknowledged: 9, lost: 1, doubled: 2 };

    expect(bad(verdict({ orders, bystanders: { lens: 1, nats: 2 } }))).toEqual([
      "Orders lost",
      "Orders doubled",
      "Bystanders' restarts",
    ]);
    expect(values(verdict({ bystanders: { lens: 1, nats: 2 } }))["Bystanders' restarts"]).toBe("3");
  });
});
