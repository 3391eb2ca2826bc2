import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, useEffect, useMemo, useRef } from "react";
import { useServiceColour } from "@/app/colours";
import { Icon } from "@/components/icons";
import { duration } from "@/format/numbers";
import type { Row, Trace } from "@/model/trace";
import { Overview } from "./overview";
import { ticksOf } from "./ticks";
import { percentAt, type Window } from "./window";

const ROW_PX = 26;
/** The scale stays above the rows. */
const SCALE_PX = 27;
const DEEPEST = 14;

interface Props {
  trace: Trace;
  rows: Row[];
  shown: Window;
  onZoom: (shown: Window | null) => void;
  selectedId: string;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
}

/** The spans of a trace over time. Only the rows in view are in the document. */
export function Waterfall({ trace, rows, shown, onZoom, selectedId, onSelect, onToggle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: SCALE_PX,
    scrollPaddingStart: SCALE_PX,
  });
  const at = useMemo(() => rows.findIndex((row) => row.span.id === selectedId), [rows, selectedId]);
  useEffect(() => {
    if (at >= 0) {
      const { startIndex, endIndex } = virtual.range ?? { startIndex: 0, endIndex: 0 };
      virtual.scrollToIndex(at, { align: at > startIndex && at < endIndex ? "auto" : "center" });
    }
  }, [at, virtual]);
  return (
    <div className="waterfall" data-testid="waterfall">
      <Overview
        trace={trace}
        rows={rows}
        shown={shown}
        onPick={(index) => virtual.scrollToIndex(index, { align: "center" })}
        onZoom={onZoom}
      />
      <div className="waterfall-rows" ref={scroller}>
        <Scale shown={shown} onReset={shown.length < trace.duration ? () => onZoom(null) : undefined} />
        <div role="treegrid" aria-label="Spans" aria-rowcount={rows.length} style={{ height: rows.length * ROW_PX }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return row ? (
              <SpanRow
                key={row.span.id}
                row={row}
                top={start - SCALE_PX}
                index={index}
                shown={shown}
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

function Scale({ shown, onReset }: { shown: Window; onReset: (() => void) | undefined }) {
  return (
    <div className="waterfall-scale">
      <span>
        Span
        {onReset && (
          <button type="button" className="pick" onClick={onReset} data-testid="whole-trace">
            whole trace
          </button>
        )}
      </span>
      <span className="ticks" aria-hidden="true">
        {ticksOf(shown).map((tick) => (
          <i key={tick} style={{ left: `${percentAt(tick, shown)}%` }}>
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
  shown: Window;
  selected: boolean;
  onSelect: (id: string) => void;
  onToggle: (id: string) => void;
}

const SpanRow = memo(function SpanRow({ row, top, index, shown, selected, onSelect, onToggle }: SpanRowProps) {
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
        <Bar row={row} shown={shown} colour={colour} />
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

function Bar({ row, shown, colour }: { row: Row; shown: Window; colour: string }) {
  const { span } = row;
  const left = percentAt(span.start, shown);
  const width = (span.duration / shown.length) * 100;
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
        <i key={index} className="bar-event" style={{ left: `${percentAt(event.at, shown)}%` }} title={event.name} />
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
