import { type RecoveryPage, useRecoveries } from "@/api/recoveries";
import { useTitle } from "@/app/title";
import { Older, shownOf } from "@/components/older";
import { PageHeader } from "@/components/parts";
import { RangePicker, useParameters } from "@/components/range-picker";
import { Empty, Loaded } from "@/components/states";
import { Unreadable } from "@/components/unreadable";
import { bounds, isRelative, rangeOf } from "@/model/range";
import { RECOVERY_RANGE, recoveryQuery } from "@/model/recovery";
import { Filters } from "./filters";
import { Lanes } from "./lanes";
import { RecoveryTable } from "./table";
import "./recoveries.css";

/** What warden saw, decided and did; the address holds the whole search. */
export function Recoveries() {
  useTitle("Recoveries");
  const { parameters } = useParameters();
  const live = isRelative(rangeOf(parameters, RECOVERY_RANGE));
  const found = useRecoveries(parameters.toString(), () => recoveryQuery(parameters, Date.now()), live);
  return (
    <>
      <PageHeader title="Recoveries" sub="What warden saw, decided and did, and why; newest first.">
        <RangePicker fallback={RECOVERY_RANGE} />
      </PageHeader>
      <Filters faults={found.data?.pages[0]?.faults ?? []} />
      <Loaded query={found} what="recoveries">
        {({ pages }) => <Found pages={pages} />}
      </Loaded>
      <Older query={found} />
    </>
  );
}

function Found({ pages }: { pages: RecoveryPage[] }) {
  const { parameters } = useParameters();
  const rows = pages.flatMap(({ items }) => items);
  const { total = 0, unreadable = 0 } = pages[0] ?? {};
  const { startMs, endMs } = bounds(rangeOf(parameters, RECOVERY_RANGE), Date.now());
  return (
    <>
      <Unreadable what="line" times={unreadable}>
        They are left out; <code>./just journal</code> shows the others, too.
      </Unreadable>
      {rows.length === 0 && <Nothing narrowed={["service", "fault", "text"].some((name) => parameters.has(name))} />}
      {rows.length > 0 && (
        <>
          <Lanes rows={rows} startMs={startMs} endMs={endMs} />
          <RecoveryTable rows={rows} />
          <p className="muted small list-end" role="status">
            {shownOf(rows.length, total)}
          </p>
        </>
      )}
    </>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  return narrowed ? (
    <Empty title="No entry matches">
      <p>Take a condition away, or look at a longer time.</p>
    </Empty>
  ) : (
    <Empty title="Nothing had to be healed in this time">
      <p>
        Look at a longer time, or see it happen: <code>./just chaos kill</code> kills a replica under load, and warden
        brings it back.
      </p>
    </Empty>
  );
}
