import { Link, useParams } from "react-router-dom";
import { isReason } from "@/api/http";
import { useTrace } from "@/api/traces";
import { useTitle } from "@/app/title";
import { Badge, Identifier, PageHeader, ServiceName } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { count, duration } from "@/format/numbers";
import { moment } from "@/format/time";
import { traceLogsLink } from "@/model/links";
import type { Trace } from "@/model/trace";
import { TraceView } from "./view";
import "./trace.css";

/** One trace. */
export function TracePage() {
  const { traceId = "" } = useParams();
  const trace = useTrace(traceId.toLowerCase());
  useTitle(trace.data?.roots[0]?.name ?? "Trace");
  if (isReason(trace.error, "trace-unknown")) {
    return <Unknown traceId={traceId} />;
  }
  return (
    <Loaded query={trace} what="the trace">
      {(found) => (
        <>
          <Header trace={found} onReload={() => void trace.refetch()} />
          <TraceView key={found.id} trace={found} />
        </>
      )}
    </Loaded>
  );
}

function Unknown({ traceId }: { traceId: string }) {
  return (
    <Empty title="This trace is not stored">
      <p>
        No span of <code>{traceId}</code> is here: it may be too old, or still on its way. Reload in a moment, or{" "}
        <Link to="/traces">search for another</Link>.
      </p>
    </Empty>
  );
}

function Header({ trace, onReload }: { trace: Trace; onReload: () => void }) {
  const root = trace.roots[0];
  return (
    <PageHeader
      title={
        <>
          {root && <ServiceName name={root.service} linked />}
          <span>{root?.name}</span>
        </>
      }
      sub={<Summary trace={trace} />}
    >
      <Link className="button" to={traceLogsLink(trace)}>
        All its logs
      </Link>
      <button type="button" onClick={onReload}>
        Reload
      </button>
    </PageHeader>
  );
}

function Summary({ trace }: { trace: Trace }) {
  return (
    <span className="trace-summary" data-testid="trace-summary">
      <span>{moment(trace.startMs)}</span>
      <strong>{duration(trace.duration)}</strong>
      <span>{count(trace.spans.length, "span")}</span>
      <span>{count(trace.services.length, "service")}</span>
      {trace.errors > 0 && <Badge tone="bad">{count(trace.errors, "error")}</Badge>}
      {trace.orphans > 0 && <Badge tone="warn">{count(trace.orphans, "span")} without their parent</Badge>}
      <Identifier label="trace ID" value={trace.id} />
      {trace.correlationId && <Identifier label="correlation ID" value={trace.correlationId} />}
    </span>
  );
}
