import type { Replica } from "@/api/system";
import { HealthBadge } from "@/components/parts";
import { span } from "@/format/numbers";
import { moment } from "@/format/time";

/** The processes of a part. */
export function Replicas({ replicas }: { replicas: Replica[] }) {
  return (
    <section className="card" data-testid="replicas">
      <h2>Replicas</h2>
      {replicas.length === 0 && <p className="muted">None runs: ./just up starts them.</p>}
      {replicas.length > 0 && (
        <table className="list plain">
          <thead>
            <tr>
              <th scope="col">Replica</th>
              <th scope="col">Health</th>
              <th scope="col" className="number">
                Port
              </th>
              <th scope="col" className="number">
                Restarts
              </th>
              <th scope="col">Running for</th>
            </tr>
          </thead>
          <tbody>
            {replicas.map((replica) => (
              <tr key={replica.instance}>
                <td className="mono">{replica.instance}</td>
                <td>
                  <HealthBadge health={replica.health} />
                </td>
                <td className="number">{replica.port}</td>
                <td className={`number ${replica.restarts ? "warn" : ""}`}>{replica.restarts}</td>
                <td className="muted">{replica.started ? <RunningFor seconds={replica.started} /> : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function RunningFor({ seconds }: { seconds: number }) {
  return <span title={`since ${moment(seconds * 1000)}`}>{span(Date.now() / 1000 - seconds)}</span>;
}
