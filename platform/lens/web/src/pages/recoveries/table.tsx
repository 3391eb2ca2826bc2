import { Link } from "react-router-dom";
import type { RecoveryRow } from "@/api/recoveries";
import { useSelection } from "@/app/selection";
import { Badge, ServiceName } from "@/components/parts";
import { Row } from "@/components/row";
import { duration } from "@/format/numbers";
import { moment } from "@/format/time";
import { around, logsLink, recoveryLink, traceLink } from "@/model/links";
import { toneOf } from "@/model/recovery";

const COLUMNS = ["Time", "Part", "Fault", "Event", "Action", "Reason"];

/** Entries, one a row. */
export function RecoveryTable({ rows }: { rows: RecoveryRow[] }) {
  const names = rows.map(({ id }) => id);
  const selected = useSelection(names, recoveryLink);
  return (
    <div className="table-wrap">
      <table className="list recoveries" data-testid="recoveries">
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col" className="number">
              After
            </th>
            <th scope="col">
              <span className="visually-hidden">Links</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <EntryRow key={row.id} row={row} selected={row.id === selected} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EntryRow({ row, selected }: { row: RecoveryRow; selected: boolean }) {
  const link = recoveryLink(row.id);
  return (
    <Row to={link} selected={selected} testId="recovery-row">
      <td className="nowrap">
        <Link to={link}>
          <time>{moment(row.time_ms)}</time>
        </Link>
      </td>
      <td className="nowrap">
        <Part row={row} />
      </td>
      <td className="nowrap">{row.fault || <span className="muted">none</span>}</td>
      <td>
        <Badge tone={toneOf(row.event)}>{row.event}</Badge>
      </td>
      <td className="nowrap">{row.action}</td>
      <td className="recovery-reason">{row.reason}</td>
      <td className="number">
        <After row={row} />
      </td>
      <td className="nowrap recovery-links">
        <Links row={row} />
      </td>
    </Row>
  );
}

/** The service, which leads to its page, and the replica. */
export function Part({ row }: { row: RecoveryRow }) {
  return row.service ? (
    <>
      <ServiceName name={row.service} linked />
      {row.instance && row.instance !== row.service && <span className="mono muted"> {row.instance}</span>}
    </>
  ) : (
    <span className="muted">the whole system</span>
  );
}

/** Until the restart, or since the fault where all is well again. */
export function After({ row }: { row: RecoveryRow }) {
  if (row.delay_seconds !== null) {
    return <span title="until it is started again">{duration(row.delay_seconds * 1000)}</span>;
  }
  return row.recovered_seconds === null ? null : (
    <b className="recovered" title="from the fault until it was well again">
      {duration(row.recovered_seconds * 1000)}
    </b>
  );
}

/** To the trace, and to what the part logged around that time. */
export function Links({ row }: { row: RecoveryRow }) {
  return (
    <>
      {row.trace_id && <Link to={traceLink(row.trace_id, row.span_id || undefined)}>Trace</Link>}
      <Link to={logsLink({ service: row.service, ...around(row.time_ms) })}>Logs</Link>
    </>
  );
}
