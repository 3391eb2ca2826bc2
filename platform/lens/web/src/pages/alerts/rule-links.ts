import { rewrite } from "@/dashboard/links";
import { runbookLink, runbookName } from "@/model/links";

/** The runbook and the dashboard of an alert, from its annotations. */
export function ruleLinks(annotations: Record<string, string>): { title: string; to: string }[] {
  const { runbook = "", dashboard = "" } = annotations;
  const name = runbookName(runbook);
  const board =
    dashboard && !dashboard.includes("{{")
      ? rewrite(dashboard, { values: new Map(), from: "now-1h", to: "now" })
      : null;
  return [
    ...(name ? [{ title: "Runbook", to: runbookLink(name) }] : []),
    ...(board ? [{ title: "Dashboard", to: board }] : []),
  ];
}
