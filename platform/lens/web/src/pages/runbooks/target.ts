import { dashboardLink, runbookLink } from "@/model/links";

/** Where a link in a runbook leads in the console: dashboards and other runbooks; a file that is not served is text. */
export function runbookTarget(href: string): string | null {
  if (/^https?:\/\//.test(href) || href.startsWith("#")) {
    return href;
  }
  const dashboard = /^\/d\/([\w-]+)(\?.*)?$/.exec(href);
  if (dashboard) {
    return dashboardLink(dashboard[1] ?? "") + (dashboard[2] ?? "");
  }
  const runbook = /^(?:\.\/|.*runbooks\/)?([\w-]+)\.md(?:#.*)?$/.exec(href);
  if (runbook) {
    return runbookLink(runbook[1] ?? "");
  }
  return href.startsWith("/") ? href : null;
}
