import { useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import type { TraceSummary } from "@/api/traces";
import { useServiceColour } from "@/app/colours";
import { useKeys } from "@/app/keys";
import { Badge, ServiceName } from "@/components/parts";
import { count, duration } from "@/format/numbers";
import { ago, moment } from "@/format/time";
import { traceLink } from "@/model/links";

/** Summaries of traces. */
export function TraceTable({ traces, limit }: { traces: TraceSummary[]; limit: number }) {
  const selected = useSelection(traces);
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

/** The trace that j and k move to, by its ID so that new traces above do not shift it. */
function useSelection(traces: TraceSummary[]): string | undefined {
  const navigate = useNavigate();
  const [id, setId] = useState<string>();
  const at = traces.findIndex((trace) => trace.trace_id === id);
  const move = (to: number) => setId(traces[Math.max(0, Math.min(to, traces.length - 1))]?.trace_id);
  useKeys({
    j: () => move(at + 1),
    k: () => move(at - 1),
    Enter: () => id && navigate(traceLink(id)),
  });
  return id;
}

function TraceRow({ trace, longest, selected }: { trace: TraceSummary; longest: number; selected: boolean }) {
  const navigate = useNavigate();
  const row = useRef<HTMLTableRowElement>(null);
  const link = traceLink(trace.trace_id);
  useEffect(() => {
    if (selected) {
      row.current?.scrollIntoView({ block: "nearest" });
    }
  }, [selected]);
  return (
    <tr ref={row} className={selected ? "selected" : ""} onClick={() => navigate(link)} data-testid="trace-row">
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
    </tr>
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
