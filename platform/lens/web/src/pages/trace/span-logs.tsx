import { Link } from "react-router-dom";
import { useLinesOf } from "@/api/logs";
import { Loaded } from "@/components/states";
import { clock, nanosToMs } from "@/format/time";
import { traceLogsLink } from "@/model/links";
import { type LogLine, logQuery } from "@/model/logs";
import type { Span, Trace } from "@/model/trace";

const NO_FILTER = { services: [], levels: [], text: "", correlation: "", trace: "", span: "" };

/** The lines that a span's own work wrote. */
export function SpanLogs({ trace, span }: { trace: Trace; span: Span }) {
  const query = logQuery({ ...NO_FILTER, services: [span.service], trace: trace.id, span: span.id });
  const startMs = trace.startMs;
  const lines = useLinesOf(query, { startMs, endMs: startMs + trace.duration });
  return (
    <Loaded query={lines} what="its lines">
      {(found) => (
        <div data-testid="span-logs">
          {found.length === 0 && <p className="muted">This span wrote no line.</p>}
          {found.toReversed().map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one time have no identity and never move
            <Line key={`${line.time}${index}`} line={line} />
          ))}
          <Link to={traceLogsLink(trace)}>All lines of the trace</Link>
        </div>
      )}
    </Loaded>
  );
}

function Line({ line }: { line: LogLine }) {
  return (
    <details className={`span-line level-${line.level}`}>
      <summary>
        <time>{clock(nanosToMs(line.time))}</time> <b>{line.level}</b> {line.text}
      </summary>
      <dl className="facts">
        {Object.entries(line.labels).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
