import { useMemo, useState } from "react";
import { useKeys } from "@/app/keys";
import { useParameters } from "@/components/range-picker";
import { ancestorsOf, type Row, rowsOf, type Trace } from "@/model/trace";
import { SpanPanel, type Tab } from "./panel";
import { Waterfall } from "./waterfall";
import type { Window } from "./window";

/** The waterfall and, beside it, the span that the address names. */
export function TraceView({ trace }: { trace: Trace }) {
  const { parameters, change } = useParameters();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [tab, setTab] = useState<Tab>("Attributes");
  const [zoom, setZoom] = useState<Window | null>(null);
  const shown = useMemo(() => zoom ?? { from: 0, length: trace.duration || 1 }, [zoom, trace]);
  const rows = useMemo(() => rowsOf(trace, collapsed), [trace, collapsed]);
  const selectedId = parameters.get("span") ?? "";
  const selected = trace.spans.find((span) => span.id === selectedId);
  const select = (id: string) => change({ span: id });
  const toggle = (id: string) => setCollapsed((before) => toggled(before, id));
  const reveal = (id: string) => {
    setCollapsed((before) => without(before, ancestorsOf(trace, id)));
    select(id);
  };
  useTraceKeys({ trace, rows, selectedId, select, toggle, reveal });
  return (
    <div className={`trace-view fill ${selected ? "with-panel" : ""}`}>
      <Waterfall
        trace={trace}
        rows={rows}
        shown={shown}
        onZoom={setZoom}
        selectedId={selectedId}
        onSelect={select}
        onToggle={toggle}
      />
      {selected && <SpanPanel trace={trace} span={selected} tab={tab} onTab={setTab} onClose={() => select("")} />}
    </div>
  );
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) {
    after.add(id);
  }
  return after;
}

function without(before: ReadonlySet<string>, ids: string[]): ReadonlySet<string> {
  return new Set([...before].filter((id) => !ids.includes(id)));
}

interface Moves {
  trace: Trace;
  rows: Row[];
  selectedId: string;
  select: (id: string) => void;
  toggle: (id: string) => void;
  reveal: (id: string) => void;
}

function useTraceKeys({ trace, rows, selectedId, select, toggle, reveal }: Moves): void {
  const at = rows.findIndex((row) => row.span.id === selectedId);
  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(to, rows.length - 1))];
    if (row) {
      select(row.span.id);
    }
  };
  const fold = (closed: boolean) => {
    const row = rows[at];
    if (row && row.below > 0 && row.collapsed !== closed) {
      toggle(row.span.id);
    } else if (row?.span.parentId && closed) {
      select(row.span.parentId);
    }
  };
  useKeys({
    j: () => move(at + 1),
    k: () => move(at - 1),
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at - 1),
    h: () => fold(true),
    l: () => fold(false),
    ArrowLeft: () => fold(true),
    ArrowRight: () => fold(false),
    Escape: () => select(""),
    e: () => {
      const next = nextError(trace, selectedId);
      if (next) {
        reveal(next);
      }
    },
  });
}

/** The next span with an error after the selected one, from the first again after the last. */
function nextError(trace: Trace, selectedId: string): string | undefined {
  const at = trace.spans.findIndex((span) => span.id === selectedId);
  const after = trace.spans.slice(at + 1).find((span) => span.error);
  return (after ?? trace.spans.find((span) => span.error))?.id;
}
