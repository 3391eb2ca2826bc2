import { useMemo, useState } from "react";
import { useTitle } from "@/app/title";
import { Icon } from "@/components/icons";
import { PageHeader } from "@/components/parts";
import { RangePicker, useParameters } from "@/components/range-picker";
import { Empty, Loaded } from "@/components/states";
import { count } from "@/format/numbers";
import { type LogFilter, type LogLine, logQuery } from "@/model/logs";
import { rangeOf } from "@/model/range";
import { Filters } from "./filters";
import { Lines } from "./lines";
import { useLines, useTail } from "./use-lines";
import "./logs.css";

const LIMIT = 1_000;

/** Log lines of all services; the address holds the whole search. */
export function Logs() {
  useTitle("Logs");
  const { parameters, change } = useParameters();
  const [paused, setPaused] = useState(false);
  const filter = useMemo(() => filterOf(parameters), [parameters]);
  const query = useMemo(() => logQuery(filter), [filter]);
  const limit = Number(parameters.get("limit") ?? LIMIT);
  const live = parameters.get("live") === "1";
  const range = useMemo(() => rangeOf(parameters), [parameters]);
  const found = useLines({ query, range: live ? { ...range, to: "now" } : range, limit });
  const lines = useTail(query, found.data, live && !paused);
  const toggleLive = () => {
    setPaused(false);
    change({ live: live ? "" : "1", ...(live ? {} : { to: "" }) });
  };
  return (
    <>
      <PageHeader title="Logs" sub={live ? <LiveState paused={paused} /> : "What the services wrote, newest first."}>
        <RangePicker />
        {live && (
          <button type="button" onClick={() => setPaused(!paused)} aria-pressed={paused} data-testid="pause">
            <Icon name={paused ? "play" : "pause"} size={13} /> {paused ? "Go on" : "Pause"}
          </button>
        )}
        <button type="button" onClick={toggleLive} aria-pressed={live} data-testid="live">
          {live ? "Stop following" : "Follow"}
        </button>
      </PageHeader>
      <Filters />
      <Loaded query={found} what="log lines">
        {() => <Shown lines={lines} limit={limit} live={live} narrowed={isNarrowed(filter)} />}
      </Loaded>
    </>
  );
}

function LiveState({ paused }: { paused: boolean }) {
  return (
    <span role="status" data-testid="live-state">
      {paused ? "Paused: new lines wait." : "Following: new lines appear at the top."}
    </span>
  );
}

function filterOf(parameters: URLSearchParams): LogFilter {
  const get = (name: string) => parameters.get(name)?.trim() ?? "";
  return {
    services: parameters.getAll("service").filter(Boolean),
    levels: parameters.getAll("level").flatMap((levels) => levels.split(",").filter(Boolean)),
    text: get("text"),
    correlation: get("correlation"),
    trace: get("trace").toLowerCase(),
    span: get("span").toLowerCase(),
  };
}

function isNarrowed(filter: LogFilter): boolean {
  return Object.values(filter).some((value) => value.length > 0);
}

interface ShownProps {
  lines: LogLine[];
  limit: number;
  live: boolean;
  narrowed: boolean;
}

function Shown({ lines, limit, live, narrowed }: ShownProps) {
  const { change } = useParameters();
  const more = !live && lines.length >= limit;
  if (lines.length === 0) {
    return live ? <p className="state">Waiting for a line…</p> : <Nothing narrowed={narrowed} />;
  }
  return (
    <>
      <Lines lines={lines} />
      <p className="muted small log-count" role="status">
        {count(lines.length, "line")}
        {more && limit < 5_000 && (
          <button type="button" className="quiet" onClick={() => change({ limit: "5000" })}>
            There are more: show 5,000
          </button>
        )}
        {more && limit >= 5_000 && ": there are more; narrow the search or the time"}
      </p>
    </>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return (
    <Empty title={narrowed ? "No line matches" : "No line in this time"}>
      <p>
        {narrowed ? (
          "Take a filter away, or look at a longer time."
        ) : (
          <>
            Place an order with <code>./just order</code>, or look at a longer time.
          </>
        )}
      </p>
    </Empty>
  );
}
