import { Link } from "react-router-dom";
import type { TraceSummary } from "@/api/traces";
import { useServiceColour } from "@/app/colours";
import { useSelection } from "@/app/selection";
import { Badge, ServiceName } from "@/components/parts";
import { Row } from "@/components/row";
import { count, duration } from "@/format/numbers";
import { ago, moment } from "@/format/time";
import { traceLink } from "@/model/links";

/** Summaries of traces. */
export function TraceTable({ traces, limit }: { traces: TraceSummary[]; limit: number }) {
  const names = traces.map((trace) => trace.trace_id);
  const selected = useSelection(names, traceLink);
  const longest = Math.max(...traces.map((trace) => trace.duration_ms));
  return (
    <>
      <div className="table-wrap">
        <table className="list traces" data-testid="traces">
          <thead>
            <tr>
              <th scope="col">Trace</th>
              <th scope="col">Duration</th>
              <th scope="col" className="number">
                Spans
              </th>
              <th scope="col">Errors</th>
              <th scope="col">Services</th>
              <th scope="col">Started</th>
              <th scope="col">Correlation ID</th>
            </tr>
          </thead>
          <tbody>
            {traces.map((trace) => (
              <TraceRow key={trace.trace_id} trace={trace} longest={longest} selected={trace.trace_id === selected} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted small list-end">
        {count(traces.length, "trace")}
        {traces.length >= limit && ": there may be more; narrow the search or raise the limit"}
      </p>
    </>
  );
}

function TraceRow({ trace, longest, selected }: { trace: TraceSummary; longest: number; selected: boolean }) {
  const link = traceLink(trace.trace_id);
  return (
    <Row to={link} selected={selected} testId="trace-row">
      <td className="trace-name">
        <ServiceName name={trace.service} /> <Link to={link}>{trace.name}</Link>
      </td>
      <td className="trace-duration">
        <i style={{ width: `${Math.max(0.5, (trace.duration_ms / longest) * 100)}%` }} aria-hidden="true" />
        <span>{duration(trace.duration_ms)}</span>
      </td>
      <td className="number">{trace.spans}</td>
      <td>{trace.errors > 0 && <Badge tone="bad">{count(trace.errors, "error")}</Badge>}</td>
      <td>
        <ServiceBar services={trace.services} />
      </td>
      <td className="nowrap muted" title={moment(trace.start_unix_ms)}>
        {ago(trace.start_unix_ms)}
      </td>
      <td className="mono muted trace-id">{trace.correlation_id}</td>
    </Row>
  );
}

/** How the spans divide among services. */
function ServiceBar({ services }: { services: TraceSummary["services"] }) {
  const colourOf = useServiceColour();
  const text = services.map(({ name, spans }) => `${name} ${spans}`).join(", ");
  return (
    <span className="service-bar" title={text}>
      <span className="visually-hidden">{text}</span>
      {services.map(({ name, spans }) => (
        <i key={name} style={{ flexGrow: spans, background: colourOf(name) }} aria-hidden="true" />
      ))}
    </span>
  );
}
