import { Link } from "react-router-dom";
import { Badge, ServiceName } from "@/components/parts";
import { short } from "@/format/numbers";
import { ago, moment } from "@/format/time";
import type { Active } from "./active";
import { ruleLinks } from "./rule-links";

/** An alert that fires or is about to. */
export function ActiveAlert({ rule, alert }: Active) {
  const { service, severity, owner, alertname: _, pager, ...rest } = alert.labels;
  const since = Date.parse(alert.activeAt);
  return (
    <article className={`card alert state-${alert.state}`} data-testid="alert">
      <header>
        <Badge tone={alert.state === "firing" ? "bad" : "warn"}>{alert.state}</Badge>
        <h2>{rule.name}</h2>
        {service && <ServiceName name={service} linked />}
        {severity && <Badge tone="plain">{severity}</Badge>}
        <span className="muted" title={moment(since)}>
          since {ago(since)}
        </span>
      </header>
      <p>{alert.annotations.summary}</p>
      <p className="muted">{alert.annotations.description}</p>
      <footer>
        {owner && <span title={pager}>{owner}</span>}
        <span>
          value <b>{short(Number(alert.value))}</b>
        </span>
        {Object.entries(rest).map(([name, value]) => (
          <span key={name} className="muted">
            {name} {value}
          </span>
        ))}
        {ruleLinks({ ...rule.annotations, ...alert.annotations }).map(({ title, to }) => (
          <Link key={title} to={to}>
            {title}
          </Link>
        ))}
      </footer>
    </article>
  );
}
