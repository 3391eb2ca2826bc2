import { Link, useParams } from "react-router-dom";
import { isReason } from "@/api/http";
import { type Recovery, type RecoveryRow, useRecovery } from "@/api/recoveries";
import { useTitle } from "@/app/title";
import { Badge, Facts, PageHeader } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { duration } from "@/format/numbers";
import { moment } from "@/format/time";
import { around, logsLink, recoveriesLink, recoveryLink, serviceLink, traceLink } from "@/model/links";
import { toneOf } from "@/model/recovery";
import { Details } from "./details";
import { After } from "./table";
import "./recoveries.css";

/** One entry: why, what else belongs to it, and what the process was doing. */
export function RecoveryPage() {
  const { id = "" } = useParams();
  const query = useRecovery(id);
  const entry = query.data?.entry;
  useTitle(entry ? titleOf(entry) : "Recovery");
  if (isReason(query.error, "recovery-unknown")) {
    return (
      <Empty title="This entry is not kept">
        <p>
          The oldest go first. <Link to={recoveriesLink()}>All recoveries</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the recovery">
      {(found) => <Found found={found} />}
    </Loaded>
  );
}

function titleOf({ instance, service, event }: RecoveryRow): string {
  return `${instance || service || "the whole system"} ${event}`;
}

function Found({ found }: { found: Recovery }) {
  const { entry, course, details, dump } = found;
  const dumped = Object.keys(dump).length > 0;
  return (
    <>
      <PageHeader title={titleOf(entry)} sub={entry.reason}>
        <Badge tone={toneOf(entry.event)}>{entry.fault || "no fault"}</Badge>
        <Ways entry={entry} course={course} />
      </PageHeader>
      <div className="columns">
        <div className="stack">
          <Course course={course} current={entry.id} />
          {dumped && <Details title="What it was doing" details={dump} testId="dump" />}
        </div>
        <div className="stack">
          <About entry={entry} />
          {!entry.dump && <Details title="Figures" details={details} testId="details" />}
        </div>
      </div>
    </>
  );
}

function Ways({ entry, course }: { entry: RecoveryRow; course: RecoveryRow[] }) {
  const traced = entry.trace_id ? entry : course.find((row) => row.trace_id);
  const time = around(course[0]?.time_ms ?? entry.time_ms, course.at(-1)?.time_ms);
  return (
    <>
      {traced && (
        <Link className="button" to={traceLink(traced.trace_id, traced.span_id || undefined)}>
          Trace
        </Link>
      )}
      <Link className="button" to={logsLink({ service: entry.service, ...time })}>
        Logs
      </Link>
      {entry.service && (
        <Link className="button" to={serviceLink(entry.service)}>
          Service
        </Link>
      )}
    </>
  );
}

function About({ entry }: { entry: RecoveryRow }) {
  return (
    <section className="card">
      <h2>About</h2>
      <Facts
        facts={{
          Time: moment(entry.time_ms),
          Service: entry.service || "–",
          Replica: <code>{entry.instance || "–"}</code>,
          Fault: entry.fault || "none",
          Action: entry.action || "none",
          Owner: entry.owner || "–",
        }}
      />
    </section>
  );
}

/** The entries of one recovery, each with the time since the first. */
function Course({ course, current }: { course: RecoveryRow[]; current: string }) {
  const start = course[0]?.time_ms ?? 0;
  return (
    <section className="card">
      <h2>What happened</h2>
      <ol className="course" data-testid="course">
        {course.map((row) => (
          <li
            key={row.id}
            aria-current={row.id === current ? "step" : undefined}
            className={`tone-${toneOf(row.event)}`}
          >
            <time title={moment(row.time_ms)}>+{duration(row.time_ms - start)}</time>
            <Link to={recoveryLink(row.id)}>{row.event}</Link>
            <span>
              {row.reason} <After row={row} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
