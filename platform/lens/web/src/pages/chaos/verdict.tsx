import { Link, useParams } from "react-router-dom";
import { isReason } from "@/api/http";
import { useVerdict, type Verdict } from "@/api/verdicts";
import { useTitle } from "@/app/title";
import { Facts, PageHeader } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { moment } from "@/format/time";
import { around, recoveriesLink, traceLink } from "@/model/links";
import { figuresOf, NEVER, seconds } from "@/model/verdict";
import { Outcome } from "./table";
import "./chaos.css";

/** One verdict. */
export function VerdictPage() {
  const { id = "" } = useParams();
  const query = useVerdict(id);
  useTitle(query.data ? `Chaos ${query.data.experiment}` : "Chaos");
  if (isReason(query.error, "verdict-unknown")) {
    return (
      <Empty title="There is no such verdict">
        <p>
          <Link to="/chaos">All verdicts</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the verdict">
      {(verdict) => <Found verdict={verdict} />}
    </Loaded>
  );
}

function Found({ verdict }: { verdict: Verdict }) {
  const began = verdict.began * 1000;
  const time = around(began, began + verdict.seconds * 1000);
  return (
    <>
      <PageHeader title={`${verdict.experiment} ${verdict.target}`} sub={verdict.title}>
        <Outcome passed={verdict.passed} />
        {verdict.trace_id && (
          <Link className="button" to={traceLink(verdict.trace_id)}>
            Trace
          </Link>
        )}
        <Link className="button" to={recoveriesLink(time)} data-testid="meanwhile">
          Recoveries meanwhile
        </Link>
      </PageHeader>
      <dl className="tiles" data-testid="verdict-figures">
        {figuresOf(verdict).map(({ name, value, hint, tone }) => (
          <div className="tile" key={name} title={hint}>
            <dt>{name}</dt>
            <dd className={tone === "bad" ? "bad" : ""}>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="columns">
        <div className="stack">
          <Findings verdict={verdict} />
          <Failures verdict={verdict} />
        </div>
        <About verdict={verdict} />
      </div>
    </>
  );
}

function Findings({ verdict }: { verdict: Verdict }) {
  return (
    <section className="card">
      <h2>Findings</h2>
      {verdict.findings.length === 0 && <p>Everything that was promised held.</p>}
      <ul className="findings" data-testid="findings">
        {verdict.findings.map((finding) => (
          <li key={finding} className="bad">
            {finding}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The requests that failed: by kind, and those of them that have a trace. */
function Failures({ verdict }: { verdict: Verdict }) {
  const kinds = Object.entries(verdict.failures);
  return (
    <section className="card" data-testid="failed-requests">
      <h2>Failed requests</h2>
      {kinds.length === 0 && <p>None.</p>}
      <ul className="findings">
        {kinds.map(([kind, times]) => (
          <li key={kind}>
            {times} × {kind}
          </li>
        ))}
      </ul>
      {verdict.failed_trace_ids.length > 0 && (
        <ul className="failed-traces">
          {verdict.failed_trace_ids.map((id) => (
            <li key={id}>
              <Link className="mono" to={traceLink(id)}>
                {id}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function About({ verdict }: { verdict: Verdict }) {
  const time = (value: number | null) => (value === null ? NEVER : moment(value * 1000));
  const bystanders = Object.entries(verdict.measured.bystanders ?? {}).map(([name, times]) => `${name} ${times}×`);
  return (
    <section className="card">
      <h2>About</h2>
      <Facts
        facts={{
          Fault: verdict.fault,
          Hit: <code>{verdict.target || NEVER}</code>,
          Mode: verdict.mode,
          Seed: verdict.seed,
          Began: moment(verdict.began * 1000),
          Struck: time(verdict.struck),
          Lifted: time(verdict.lifted),
          Lasted: seconds(verdict.seconds),
          "Cold start": seconds(verdict.cold_start_seconds),
          Restarts: verdict.measured.restarts ?? NEVER,
          Bystanders: bystanders.join(", ") || "none restarted",
        }}
      />
    </section>
  );
}
