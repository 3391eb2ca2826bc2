import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, useEffect, useMemo, useRef } from "react";
import { useServiceColour } from "@/app/colours";
import { Icon } from "@/components/icons";
import { duration } from "@/format/numbers";
import type { Row, Trace } from "@/model/trace";
import { Overview } from "./overview";
import { ticksOf } from "./ticks";

const ROW_PX = 26;
const DEEPEST = 14;

interface Props {
  trace: Trace;
  rows: Row[];
  selectedId: string;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
}

/** The spans of a trace over time. Only the rows in view are in the document. */
export function Waterfall({ trace, rows, selectedId, onSelect, onToggle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const at = useMemo(() => rows.findIndex((row) => row.span.id === selectedId), [rows, selectedId]);
  useEffect(() => {
    if (at >= 0) {
      virtual.scrollToIndex(at, { align: "auto" });
    }
  }, [at, virtual]);
  return (
    <div className="waterfall" data-testid="waterfall">
      <Overview trace={trace} onPick={(index) => virtual.scrollToIndex(index, { align: "center" })} rows={rows} />
      <div className="waterfall-rows" ref={scroller}>
        <Scale total={trace.duration} />
        <div role="treegrid" aria-label="Spans" aria-rowcount={rows.length} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return row ? (
              <SpanRow
                key={row.span.id}
                row={row}
                top={start}
                index={index}
                total={trace.duration}
                selected={index === at}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

function Scale({ total }: { total: number }) {
  return (
    <div className="waterfall-scale" aria-hidden="true">
      <span>Span</span>
      <span className="ticks">
        {ticksOf(total).map((tick) => (
          <i key={tick} style={{ left: `${(tick / total) * 100}%` }}>
            {duration(tick)}
          </i>
        ))}
      </span>
    </div>
  );
}

interface SpanRowProps {
  row: Row;
  top: number;
  index: number;
  total: number;
  selected: boolean;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
}

const SpanRow = memo(function SpanRow({ row, top, index, total, selected, onSelect, onToggle }: SpanRowProps) {
  const { span, depth } = row;
  const colour = useServiceColour()(span.service);
  return (
    <div
      role="row"
      tabIndex={-1}
      className={`span-row ${selected ? "selected" : ""} ${span.error ? "with-error" : ""}`}
      style={{ top, height: ROW_PX }}
      aria-rowindex={index + 1}
      aria-level={depth + 1}
      aria-selected={selected}
      data-testid="span-row"
      data-span={span.id}
      onClick={() => onSelect(span.id)}
    >
      <div role="gridcell" className="span-name" style={{ paddingLeft: 6 + Math.min(depth, DEEPEST) * 12 }}>
        <Fold row={row} onToggle={onToggle} />
        <i className="span-colour" style={{ background: colour }} />
        {span.error && <Icon name="error" size={13} />}
        <span className="span-title" title={`${span.service}: ${span.name}`}>
          <b>{span.service}</b> {span.name}
        </span>
      </div>
      <div role="gridcell" className="span-time">
        <Bar row={row} total={total} colour={colour} />
      </div>
    </div>
  );
});

function Fold({ row, onToggle }: { row: Row; onToggle: (id: string) => void }) {
  if (row.below === 0) {
    return <span className="fold" />;
  }
  return (
    <button
      type="button"
      className="fold"
      tabIndex={-1}
      aria-label={row.collapsed ? `Show ${row.below} spans below` : "Hide the spans below"}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.span.id);
      }}
    >
      {row.collapsed ? <b>{row.below}</b> : <Icon name="down" size={11} />}
    </button>
  );
}

function Bar({ row, total, colour }: { row: Row; total: number; colour: string }) {
  const { span } = row;
  const left = (span.start / total) * 100;
  const width = (span.duration / total) * 100;
  const label = placeLabel(left, width);
  return (
    <>
      <i
        className="bar"
        style={{ left: `${left}%`, width: `max(2px, ${width}%)`, background: span.error ? "var(--bad)" : colour }}
      />
      <span className={`bar-label ${label.className}`} style={label.style}>
        {duration(span.duration)}
      </span>
      {span.events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity and never move
        <i key={index} className="bar-event" style={{ left: `${(event.at / total) * 100}%` }} title={event.name} />
      ))}
    </>
  );
}

const LABEL_PERCENT = 14;

/** Behind the bar where there is room, else before it, else in it. */
function placeLabel(left: number, width: number): { className: string; style: CSSProperties } {
  if (left + width <= 100 - LABEL_PERCENT) {
    return { className: "", style: { left: `calc(${left + width}% + 6px)` } };
  }
  if (left >= LABEL_PERCENT) {
    return { className: "", style: { right: `calc(${100 - left}% + 6px)` } };
  }
  return { className: "inside", style: { right: `calc(${Math.max(0, 100 - left - width)}% + 6px)` } };
}
