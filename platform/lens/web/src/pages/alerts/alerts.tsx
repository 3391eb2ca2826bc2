import { useState } from "react";
import { type AlertRule, useAlertRules } from "@/api/alerts";
import { useSystem } from "@/api/system";
import { useTitle } from "@/app/title";
import { Icon } from "@/components/icons";
import { PageHeader } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { activeAlerts, matchesRule } from "./active";
import { ActiveAlert } from "./active-alert";
import { RuleTable } from "./rule-table";
import "./alerts.css";

/** What fires, what is about to, and every rule. */
export function Alerts() {
  useTitle("Alerts");
  return (
    <Loaded query={useSystem()} what="alerts">
      {({ prometheus }) => (prometheus.available ? <Asked /> : <Absent hint={prometheus.hint} />)}
    </Loaded>
  );
}

function Asked() {
  return (
    <Loaded query={useAlertRules()} what="alerts">
      {(found) => <Found rules={found} />}
    </Loaded>
  );
}

function Absent({ hint }: { hint: string }) {
  return (
    <>
      <PageHeader title="Alerts" />
      <Empty title="No alerts without Prometheus">
        <p data-testid="prometheus-absent">{hint}</p>
      </Empty>
    </>
  );
}

function Found({ rules }: { rules: AlertRule[] }) {
  const [text, setText] = useState("");
  const shown = rules.filter((rule) => matchesRule(rule, text));
  const alerts = activeAlerts(shown);
  const firing = alerts.filter(({ alert }) => alert.state === "firing").length;
  return (
    <>
      <PageHeader title="Alerts" sub={`${firing} firing, ${alerts.length - firing} pending, ${rules.length} rules`}>
        <div className="search-field">
          <Icon name="search" />
          <input
            data-search
            placeholder="Alert, service or owner"
            aria-label="Alert, service or owner"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      </PageHeader>
      <section className="alert-list" aria-label="Firing and pending" data-testid="active-alerts">
        {alerts.map((one) => (
          <ActiveAlert key={JSON.stringify(one.alert.labels)} {...one} />
        ))}
        {alerts.length === 0 && <p className="quiet-note">Nothing fires and nothing is pending.</p>}
      </section>
      <RuleTable rules={shown} />
    </>
  );
}
