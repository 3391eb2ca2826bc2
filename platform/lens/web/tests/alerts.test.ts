import { expect, it } from "vitest";
import type { Alert, AlertRule } from "@/api/alerts";
import { activeAlerts, matchesRule } from "@/pages/alerts/active";
import { ruleLinks } from "@/pages/alerts/rule-links";
import { alertsOf } from "@/pages/services/service-alerts";

const alert = (state: Alert["state"], severity: string, activeAt: string): Alert => ({
  labels: { alertname: "A", severity },
  annotations: {},
  state,
  activeAt,
  value: "1",
});

const rule = (alerts: Alert[], labels: Record<string, string> = {}): AlertRule => ({
  name: "ServiceDown",
  query: "up == 0",
  duration: 30,
  labels,
  annotations: {},
  state: "inactive",
  health: "ok",
  alerts,
  group: "services",
});

it("shows what fires before what is pending, pages before tickets, the oldest first", () => {
  const found = activeAlerts([
    rule([alert("pending", "page", "2026-01-01"), alert("firing", "ticket", "2026-01-01")]),
    rule([alert("firing", "page", "2026-01-03"), alert("firing", "page", "2026-01-02")]),
  ]);

  expect(found.map((one) => [one.alert.state, one.alert.labels.severity, one.alert.activeAt])).toEqual([
    ["firing", "page", "2026-01-02"],
    ["firing", "page", "2026-01-03"],
    ["firing", "ticket", "2026-01-01"],
    ["pending", "page", "2026-01-01"],
  ]);
});

it("finds rules by name and by label", () => {
  const one = rule([], { owner: "team-checkout" });

  expect(["down", "CHECKOUT", " ", "inventory"].map((text) => matchesRule(one, text))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

it("links the runbook and the dashboard, unless that is still a template", () => {
  const annotations = { runbook: "observability/runbooks/ServiceDown.md", dashboard: "/d/service?var-service=orders" };

  expect(ruleLinks(annotations).map(({ to }) => to)).toEqual([
    "/runbooks/ServiceDown",
    "/dashboards/service?var-service=orders",
  ]);
  expect(ruleLinks({ dashboard: "/d/service?var-service={{ $labels.service }}" })).toEqual([]);
});

it("knows the alerts of a service, each name once with its worst state", () => {
  const hit = { ...alert("pending", "page", "2026-01-01"), labels: { service: "orders" } };
  const found = alertsOf(
    [
      rule([], { service: "orders", window: "1h" }),
      rule([alert("firing", "page", "2026-01-01")], { service: "orders", window: "6h" }),
      { ...rule([], { service: "edge" }), name: "OfEdge" },
      { ...rule([hit]), name: "OfAny" },
      { ...rule([]), name: "Quiet" },
    ],
    "orders",
  );

  expect(found.map(({ rule: { name }, state }) => [name, state])).toEqual([
    ["ServiceDown", "firing"],
    ["OfAny", "pending"],
    ["Quiet", "inactive"],
  ]);
});
