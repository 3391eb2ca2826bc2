import { useMemo } from "react";
import { Link } from "react-router-dom";
import { useNow } from "@/api/prometheus";
import { Loaded } from "@/components/states";
import { duration, percent, rate } from "@/format/numbers";
import { tracesLink } from "@/model/links";
import { type Red, redBy, redQuery } from "@/model/red";

const BY = ["http_request_method", "http_route"];

interface Row extends Red {
  operation: string;
}

/** Rate, errors and durations of each route, the busiest first. */
export function Routes({ service }: { service: string }) {
  const query = useNow(redQuery(BY, service), true);
  const rows = useMemo<Row[]>(() => {
    const found = [...redBy(query.data ?? [], BY)];
    return found
      .map(([key, red]) => ({ operation: key.replace("\u0000", " ").trim(), ...red }))
      .sort((a, b) => b.rate - a.rate || a.operation.localeCompare(b.operation));
  }, [query.data]);
  return (
    <section className="card" data-testid="routes">
      <h2>Routes, last five minutes</h2>
      <Loaded query={query} what="the routes">
        {() => (rows.length ? <RouteTable service={service} rows={rows} /> : <p className="muted">No request yet.</p>)}
      </Loaded>
    </section>
  );
}

function RouteTable({ service, rows }: { service: string; rows: Row[] }) {
  return (
    <table className="list plain">
      <thead>
        <tr>
          <th scope="col">Route</th>
          {["Rate", "Errors", "p50", "p95", "p99"].map((name) => (
            <th key={name} scope="col" className="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.operation}>
            <td className="mono">
              <Link to={tracesLink({ service, operation: row.operation })}>{row.operation}</Link>
            </td>
            <td className="number">{rate(row.rate)}</td>
            <td className={`number ${row.errors > 0.001 ? "bad" : ""}`}>{percent(row.errors, 2)}</td>
            {[row.p50, row.p95, row.p99].map((seconds, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: three columns that never move
              <td key={index} className="number">
                {duration(seconds * 1000)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
