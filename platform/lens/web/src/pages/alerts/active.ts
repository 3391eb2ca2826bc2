import type { Alert, AlertRule } from "@/api/alerts";

export interface Active {
  rule: AlertRule;
  alert: Alert;
}

const STATES = ["firing", "pending"];
const SEVERITIES = ["page", "ticket"];

/** Alerts that fire or are about to, the worst and oldest first. */
export function activeAlerts(rules: readonly AlertRule[]): Active[] {
  const found = rules.flatMap((rule) => rule.alerts.map((alert) => ({ rule, alert })));
  return found
    .filter(({ alert }) => STATES.includes(alert.state))
    .sort(
      (a, b) =>
        STATES.indexOf(a.alert.state) - STATES.indexOf(b.alert.state) ||
        rank(a.alert) - rank(b.alert) ||
        a.alert.activeAt.localeCompare(b.alert.activeAt),
    );
}

function rank(alert: Alert): number {
  const at = SEVERITIES.indexOf(alert.labels.severity ?? "");
  return at < 0 ? SEVERITIES.length : at;
}

/** Whether a rule is of the alert, service or owner that was typed. */
export function matchesRule(rule: AlertRule, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return [rule.name, ...Object.values(rule.labels)].some((part) => part.toLowerCase().includes(wanted));
}
