import { Link } from "react-router-dom";
import { type AlertRule, useAlertRules } from "@/api/alerts";
import { Badge } from "@/components/parts";
import { ruleLinks } from "@/pages/alerts/rule-links";

const STATES = ["firing", "pending", "inactive"] as const;
const TONES = { firing: "bad", pending: "warn", inactive: "plain" } as const;

type State = (typeof STATES)[number];

/** The alerts of a service, the firing ones first, each with its runbook. */
export function ServiceAlerts({ service }: { service: string }) {
  const rules = alertsOf(useAlertRules().data ?? [], service);
  return rules.length === 0 ? null : (
    <section className="card" data-testid="service-alerts">
      <h2>
        Alerts
        <Link className="card-link" to="/alerts">
          All alerts
        </Link>
      </h2>
      <ul className="service-alerts">
        {rules.map(({ rule, state }) => (
          <li key={rule.name}>
            <span>{rule.name}</span>
            <Badge tone={TONES[state]}>{state}</Badge>
            {ruleLinks({ runbook: rule.annotations.runbook ?? "" }).map(({ title, to }) => (
              <Link key={title} to={to}>
                {title}
              </Link>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Rules about the service by their labels, and those about all that have found it; each name once, its worst state. */
export function alertsOf(rules: readonly AlertRule[], service: string): { rule: AlertRule; state: State }[] {
  const found = new Map<string, { rule: AlertRule; state: State }>();
  for (const rule of rules) {
    const own = rule.labels.service === service;
    const hits = rule.alerts.filter((alert) => own || alert.labels.service === service).map((alert) => alert.state);
    const state = STATES.find((one) => hits.includes(one)) ?? "inactive";
    const before = found.get(rule.name);
    const worse = !before || STATES.indexOf(state) < STATES.indexOf(before.state);
    if ((own || hits.length > 0 || !rule.labels.service) && worse) {
      found.set(rule.name, { rule, state });
    }
  }
  return [...found.values()].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
}
