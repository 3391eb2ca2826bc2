import { Link } from "react-router-dom";
import type { AlertRule } from "@/api/alerts";
import { Badge, ServiceName } from "@/components/parts";
import { span } from "@/format/numbers";
import { ruleLinks } from "./rule-links";

const TONES = { firing: "bad", pending: "warn", inactive: "ok" } as const;

/** Every rule, also those that find nothing. */
export function RuleTable({ rules }: { rules: AlertRule[] }) {
  return (
    <section>
      <h2 className="rules-title">Rules</h2>
      <div className="table-wrap">
        <table className="list plain rules" data-testid="rules">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">State</th>
              <th scope="col">Service</th>
              <th scope="col">Severity</th>
              <th scope="col">Owner</th>
              <th scope="col">For</th>
              <th scope="col">
                <span className="visually-hidden">Links</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <RuleRow key={`${rule.group} ${rule.name} ${rule.query}`} rule={rule} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function RuleRow({ rule }: { rule: AlertRule }) {
  const { service, severity, owner, window, slo } = rule.labels;
  return (
    <tr data-testid="rule">
      <td>
        <details>
          <summary>
            {rule.name}
            {slo && <span className="muted"> {[slo, window].filter(Boolean).join(", ")}</span>}
          </summary>
          <p className="muted">{rule.annotations.description ?? rule.annotations.summary}</p>
          <pre>{rule.query}</pre>
        </details>
        {rule.health === "err" && <p className="bad">{rule.lastError}</p>}
      </td>
      <td>
        <Badge tone={TONES[rule.state]}>{rule.state}</Badge>
      </td>
      <td>{service ? <ServiceName name={service} linked /> : <span className="muted">any</span>}</td>
      <td>{severity}</td>
      <td className="muted">{owner ?? "the service's"}</td>
      <td className="muted nowrap">{rule.duration ? span(rule.duration) : "at once"}</td>
      <td className="nowrap rule-links">
        {ruleLinks(rule.annotations).map(({ title, to }) => (
          <Link key={title} to={to}>
            {title}
          </Link>
        ))}
      </td>
    </tr>
  );
}
