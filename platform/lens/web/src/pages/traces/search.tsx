import { useTraces } from "@/api/traces";
import { useTitle } from "@/app/title";
import { PageHeader } from "@/components/parts";
import { RangePicker, useParameters } from "@/components/range-picker";
import { Empty, Loaded } from "@/components/states";
import { isRelative, rangeOf } from "@/model/range";
import { SearchForm } from "./form";
import { DEFAULT_LIMIT, traceQuery } from "./query";
import { TraceTable } from "./table";
import "./traces.css";

/** The search for traces; the address holds all of it. */
export function Traces() {
  useTitle("Traces");
  const { parameters } = useParameters();
  const live = isRelative(rangeOf(parameters));
  const found = useTraces(parameters.toString(), () => traceQuery(parameters, Date.now()), live);
  const limit = Number(parameters.get("limit") ?? DEFAULT_LIMIT);
  return (
    <>
      <PageHeader title="Traces" sub="One request from the edge to its last effect, newest first.">
        <RangePicker />
      </PageHeader>
      <SearchForm />
      <Loaded query={found} what="traces">
        {(traces) =>
          traces.length ? <TraceTable traces={traces} limit={limit} /> : <Nothing narrowed={isNarrowed(parameters)} />
        }
      </Loaded>
    </>
  );
}

function isNarrowed(parameters: URLSearchParams): boolean {
  return ["service", "operation", "min", "max", "errors", "tag", "text"].some((name) => parameters.has(name));
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Empty title="No trace matches">
      <p>Take a condition away, or look at a longer time.</p>
    </Empty>
  ) : (
    <Empty title="No trace in this time">
      <p>
        Place an order with <code>./just order</code>, and it is here a second later; or look at a longer time.
      </p>
    </Empty>
  );
}
