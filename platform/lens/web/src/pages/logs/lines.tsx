import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useMemo, useRef, useState } from "react";
import { Link } from "react-router-dom";
import { useServiceColour } from "@/app/colours";
import { useKeys } from "@/app/keys";
import { Copy } from "@/components/parts";
import { moment, nanosToMs } from "@/format/time";
import { logsLink, traceLink } from "@/model/links";
import { type LogLine, nameOf } from "@/model/logs";

const ROW_PX = 24;

/** Lines, newest first, of which only those in view are in the document. */
export function Lines({ lines }: { lines: LogLine[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (name: string) => setOpen((before) => toggled(before, name));
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keyOf(lines, index),
    overscan: 20,
  });
  const selected = useSelection(lines, toggle, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  return (
    <div className="log-lines fill" ref={scroller} data-testid="log-lines">
      <div role="list" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          const name = String(key);
          return line ? (
            <div
              key={name}
              role="listitem"
              ref={virtual.measureElement}
              data-index={index}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Row line={line} name={name} open={open.has(name)} selected={name === selected} onToggle={toggle} />
            </div>
          ) : null;
        })}
      </div>
    </div>
  );
}

function keyOf(lines: LogLine[], index: number): string {
  const line = lines[index];
  return line ? nameOf(line) : String(index);
}

function toggled(before: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(name)) {
    after.add(name);
  }
  return after;
}

/** The line that j and k move to, by name, since new lines come above it. */
function useSelection(lines: LogLine[], toggle: (name: string) => void, show: (index: number) => void) {
  const [selected, setSelected] = useState("");
  const at = useMemo(() => (selected ? lines.findIndex((line) => nameOf(line) === selected) : -1), [lines, selected]);
  const move = (to: number) => {
    const index = Math.max(0, Math.min(to, lines.length - 1));
    setSelected(keyOf(lines, index));
    show(index);
  };
  useKeys({ j: () => move(at + 1), k: () => move(at - 1), Enter: () => selected && toggle(selected) });
  return selected;
}

interface RowProps {
  line: LogLine;
  name: string;
  open: boolean;
  selected: boolean;
  onToggle: (name: string) => void;
}

const Row = memo(function Row({ line, name, open, selected, onToggle }: RowProps) {
  const colour = useServiceColour()(line.service);
  return (
    <div className={`log-line level-${line.level} ${selected ? "selected" : ""}`} data-testid="log-line">
      <button type="button" className="log-head" aria-expanded={open} onClick={() => onToggle(name)}>
        <time>{moment(nanosToMs(line.time))}</time>
        <span className="log-level">{line.level}</span>
        <span className="log-service" style={{ color: colour }}>
          {line.service}
        </span>
        <span className="log-text">{line.text}</span>
      </button>
      {open && <Fields line={line} />}
    </div>
  );
});

function Fields({ line }: { line: LogLine }) {
  const fields = Object.entries(line.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <div className="log-fields" data-testid="log-fields">
      <p className="log-links">
        {line.traceId && <Link to={traceLink(line.traceId, line.spanId || undefined)}>Open the span in its trace</Link>}
        {line.correlationId && (
          <Link to={logsLink({ correlation: line.correlationId })}>All lines of this request</Link>
        )}
        <Copy text={line.text} label="Copy the line" />
      </p>
      <p className="log-whole">{line.text}</p>
      <table className="log-table">
        <tbody>
          {fields.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {value.includes("\n") || value.includes("\\n") ? <pre>{value.replaceAll("\\n", "\n")}</pre> : value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
