import { Link } from "react-router-dom";
import { type Sample, useNow } from "@/api/prometheus";
import type { Service, Slo } from "@/api/system";
import { percent } from "@/format/numbers";
import { dashboardLink } from "@/model/links";
import { attainment } from "@/model/red";

/** What the part promises, and how it does. */
export function Objectives({ service, measured }: { service: Service; measured: boolean }) {
  const query = `slo:error_budget:remaining_ratio{service="${service.name}"}`;
  const { data } = useNow(query, measured);
  return (
    <section className="card" data-testid="objectives">
      <h2>
        Objectives
        <Link className="card-link" to={dashboardLink(`slo-${service.name}`)}>
          Error budgets
        </Link>
      </h2>
      <table className="list plain">
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col" className="number">
              Promised
            </th>
            <th scope="col" className="number">
              Attained
            </th>
            <th scope="col">Budget left</th>
          </tr>
        </thead>
        <tbody>
          {service.slos.map((slo) => (
            <Objective key={slo.name} slo={slo} remaining={remainingOf(data, slo.name)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function remainingOf(samples: Sample[] | undefined, name: string): number | undefined {
  return samples?.find(({ labels }) => labels.slo === name)?.value;
}

function Objective({ slo, remaining }: { slo: Slo; remaining: number | undefined }) {
  const tone = remaining === undefined || remaining > 0.25 ? "ok" : remaining > 0 ? "warn" : "bad";
  return (
    <tr>
      <td>
        {slo.name}
        <span className="muted small block">{promise(slo)}</span>
      </td>
      <td className="number">{percent(slo.objective, 3)}</td>
      <td className={`number ${remaining !== undefined && remaining < 0 ? "bad" : ""}`}>
        {remaining === undefined ? "–" : percent(attainment(remaining, slo.objective), 3)}
      </td>
      <td className="budget">
        {remaining === undefined ? (
          "–"
        ) : (
          <span className={`meter tone-${tone}`}>
            <meter className="visually-hidden" min={0} max={1} value={Math.max(0, remaining)} />
            <i style={{ width: `${Math.max(0, Math.min(1, remaining)) * 100}%` }} />
            <b>{percent(remaining, 1)}</b>
          </span>
        )}
      </td>
    </tr>
  );
}

function promise(slo: Slo): string {
  const what = slo.route ?? "all requests";
  const how = slo.threshold_ms === null ? "answered without a fault" : `answered within ${slo.threshold_ms} ms`;
  return `${what} ${how}, over ${slo.window_days} days`;
}
