import { Link } from "react-router-dom";
import { useRecoverySummaries } from "@/api/recoveries";
import { Badge } from "@/components/parts";
import { count } from "@/format/numbers";
import { ago, moment } from "@/format/time";
import { recoveriesLink, recoveryLink } from "@/model/links";
import { toneOf } from "@/model/recovery";

/** How often the part was healed, and what was last decided about it. */
export function ServiceRecoveries({ service }: { service: string }) {
  const { data } = useRecoverySummaries();
  const found = data?.services.find((one) => one.service === service);
  return data ? (
    <section className="card" data-testid="service-recoveries">
      <h2>
        Recoveries, last {count(data.hours, "hour")}
        <Link className="card-link" to={recoveriesLink({ service })}>
          All recoveries
        </Link>
      </h2>
      {found ? (
        <p>
          <b>{found.recoveries}</b> · last{" "}
          <Link to={recoveryLink(found.last.id)} title={moment(found.last.time_ms)}>
            {ago(found.last.time_ms)}
          </Link>{" "}
          <Badge tone={toneOf(found.last.event)}>{found.last.event}</Badge>
          <span className="muted block">{found.last.reason}</span>
        </p>
      ) : (
        <p className="muted">Nothing had to be healed.</p>
      )}
    </section>
  ) : null;
}
