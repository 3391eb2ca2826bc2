import { describe, expect, it } from "vitest";
import { rewrite } from "@/dashboard/links";
import { searchOf } from "@/dashboard/logql";
import { ALL } from "@/dashboard/variables";
import { runbookName } from "@/model/links";
import { runbookTarget } from "@/pages/runbooks/target";

const context = {
  values: new Map([["service", { chosen: ["orders"], options: ["orders"], several: false }]]),
  from: "now-6h",
  to: "now",
};

function explore(type: string, query: object): string {
  const panes = { a: { datasource: type, queries: [{ datasource: { type, uid: type }, ...query }] } };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify(panes)).replaceAll("%24%7B", "${").replaceAll("%7D%22", "}%22")}`;
}

describe("links of dashboards", () => {
  it("lead to dashboards, with their variables and time", () => {
    expect(rewrite("/d/data?var-service=${service}&${__url_time_range}", context)).toBe(
      "/dashboards/data?var-service=orders&from=now-6h&to=now",
    );
  });

  it("take labels of a series and fields of a row", () => {
    const more = { ...context, labels: { service: "edge" }, fields: { Service: "a b" } };

    expect(rewrite("/d/service?var-service=${__field.labels.service}", more)).toBe(
      "/dashboards/service?var-service=edge",
    );
    expect(rewrite("/d/service?var-service=${__data.fields.Service}", more)).toBe(
      "/dashboards/service?var-service=a+b",
    );
  });

  it("lead to runbooks where a dashboard is one", () => {
    expect(rewrite("/d/runbook-OutboxLag", context)).toBe("/runbooks/OutboxLag");
  });

  it("lead from Jaeger's search to ours", () => {
    const url = explore("jaeger", {
      queryType: "search",
      service: "${service}",
      tags: "error=true db.system.name=postgresql",
    });

    expect(rewrite(url, context)).toBe(
      "/traces?service=orders&errors=1&from=now-6h&to=now&tag=db.system.name%3Dpostgresql",
    );
  });

  it("lead from a trace in Jaeger to the waterfall", () => {
    expect(rewrite(explore("jaeger", { query: "abc" }), context)).toBe("/traces/abc");
  });

  it("lead from Loki to the log, whatever the levels are called", () => {
    const url = explore("loki", { expr: '{service_name="${service}"} | level=~"WARNING|ERROR|CRITICAL"' });

    expect(rewrite(url, context)).toBe("/logs?service=orders&level=warn%2Cerror%2Cfatal&from=now-6h&to=now");
  });

  it("name no service where all are meant", () => {
    const all = { ...context, values: new Map([["service", { chosen: [ALL], options: ["a", "b"], several: true }]]) };

    expect(rewrite(explore("loki", { expr: '{service_name=~"${service}"}' }), all)).toBe("/logs?from=now-6h&to=now");
  });

  it("lead nowhere where we have no such page", () => {
    expect(rewrite(explore("prometheus", { expr: "up" }), context)).toBeNull();
    expect(rewrite("/explore?panes=broken", context)).toBeNull();
    expect(rewrite("javascript:alert(1)", context)).toBeNull();
  });
});

it("reads the conditions of a log query", () => {
  expect(searchOf('{service_name=`edge`} |= "time \\"out\\"" | trace_id="t1" | correlation_id="c1"')).toEqual({
    service: "edge",
    text: 'time "out"',
    trace: "t1",
    correlation: "c1",
  });
});

it.each([
  ["observability/runbooks/SagasStuck.md", "SagasStuck"],
  ["/d/runbook-SagasStuck?x=1", "SagasStuck"],
  ["/d/overview", null],
])("finds the runbook of %s", (target, name) => {
  expect(runbookName(target)).toBe(name);
});

it.each([
  ["OutboxLag.md", "/runbooks/OutboxLag"],
  ["../../docs/slo.md", null],
  ["/d/overview?var-service=edge", "/dashboards/overview?var-service=edge"],
  ["https://prometheus.io/docs", "https://prometheus.io/docs"],
  ["javascript:alert(1)", null],
])("leads from a runbook's link %s to %s", (href, target) => {
  expect(runbookTarget(href)).toBe(target);
});
