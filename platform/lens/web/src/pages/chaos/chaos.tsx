import { useVerdicts, type VerdictPage } from "@/api/verdicts";
import { useTitle } from "@/app/title";
import { Choice } from "@/components/choice";
import { Older, shownOf } from "@/components/older";
import { PageHeader } from "@/components/parts";
import { RangePicker, useParameters } from "@/components/range-picker";
import { Empty, Loaded } from "@/components/states";
import { Unreadable } from "@/components/unreadable";
import { isRelative, rangeOf } from "@/model/range";
import { CHAOS_RANGE, verdictQuery } from "@/model/recovery";
import { VerdictTable } from "./table";
import "./chaos.css";

/** Verdicts on what was broken on purpose; the address holds the whole search. */
export function Chaos() {
  useTitle("Chaos");
  const { parameters } = useParameters();
  const live = isRelative(rangeOf(parameters, CHAOS_RANGE));
  const found = useVerdicts(parameters.toString(), () => verdictQuery(parameters, Date.now()), live);
  return (
    <>
      <PageHeader title="Chaos" sub="What was broken on purpose under load, and what became of it; newest first.">
        <RangePicker fallback={CHAOS_RANGE} />
      </PageHeader>
      <Filters experiments={found.data?.pages[0]?.experiments ?? []} />
      <Loaded query={found} what="verdicts">
        {({ pages }) => <Found pages={pages} />}
      </Loaded>
      <Older query={found} />
    </>
  );
}

function Filters({ experiments }: { experiments: string[] }) {
  const { parameters, change } = useParameters();
  return (
    <search className="filters" data-testid="verdict-search">
      <Choice
        label="Experiment"
        all="All experiments"
        value={parameters.get("experiment") ?? ""}
        values={experiments}
        onChange={(experiment) => change({ experiment })}
      />
      <label className="field">
        <input
          type="checkbox"
          checked={parameters.get("failed") === "1"}
          onChange={(event) => change({ failed: event.target.checked ? "1" : "" })}
        />
        Failed only
      </label>
    </search>
  );
}

function Found({ pages }: { pages: VerdictPage[] }) {
  const { parameters } = useParameters();
  const verdicts = pages.flatMap(({ items }) => items);
  const { total = 0, unreadable = 0 } = pages[0] ?? {};
  return (
    <>
      <Unreadable what="file" times={unreadable}>
        They are left out: another version wrote them, or they are damaged.
      </Unreadable>
      {verdicts.length === 0 && <Nothing narrowed={parameters.has("experiment") || parameters.has("failed")} />}
      {verdicts.length > 0 && (
        <>
          <VerdictTable verdicts={verdicts} />
          <p className="muted small list-end" role="status">
            {shownOf(verdicts.length, total)}
          </p>
        </>
      )}
    </>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Empty title="No verdict matches">
      <p>Take a condition away, or look at a longer time.</p>
    </Empty>
  ) : (
    <Empty title="Nothing was broken on purpose in this time">
      <p>
        <code>./just chaos</code> lists the experiments, <code>./just chaos kill</code> runs one; its verdict appears
        here.
      </p>
    </Empty>
  );
}
