import { useSearchParams } from "react-router-dom";
import { localText } from "@/format/time";
import { bounds, DEFAULT_RANGE, RANGES, type Range, rangeOf } from "@/model/range";

/** The address' parameters, and how to change some; an empty value takes one away. */
export function useParameters() {
  const [parameters, setParameters] = useSearchParams();
  const change = (changes: Record<string, string | string[] | undefined>, replace = true) =>
    setParameters((before) => changed(before, changes), { replace });
  return { parameters, change };
}

function changed(before: URLSearchParams, changes: Record<string, string | string[] | undefined>): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    after.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) {
        after.append(name, one);
      }
    }
  }
  return after;
}

const CUSTOM = "custom";

/** Chooses the time range in the address. */
export function RangePicker({ fallback = DEFAULT_RANGE }: { fallback?: Range }) {
  const { parameters, change } = useParameters();
  const range = rangeOf(parameters, fallback);
  const known = range.to === "now" && RANGES.some(({ from }) => from === range.from);
  const choose = (from: string) =>
    from === CUSTOM ? change(absolute(range)) : change({ from: from === fallback.from ? "" : from, to: "" });
  return (
    <div className="range-picker">
      <label className="field">
        <span className="visually-hidden">Time range</span>
        <select
          value={known ? range.from : CUSTOM}
          onChange={(event) => choose(event.target.value)}
          data-testid="range"
        >
          {RANGES.map(({ from, label }) => (
            <option key={from} value={from}>
              {label}
            </option>
          ))}
          <option value={CUSTOM}>From – to</option>
        </select>
      </label>
      {!known && <Ends range={range} onChange={change} />}
    </div>
  );
}

function Ends({ range, onChange }: { range: Range; onChange: (changes: Record<string, string>) => void }) {
  const { from, to } = absolute(range);
  const field = (name: "from" | "to", value: string) => (
    <label className="field">
      <span className="visually-hidden">{name === "from" ? "From" : "To"}</span>
      <input
        type="datetime-local"
        step={1}
        value={localText(Number(value))}
        onChange={(event) =>
          event.target.value && onChange({ from, to, [name]: String(Date.parse(event.target.value)) })
        }
      />
    </label>
  );
  return (
    <>
      {field("from", from)}
      <span aria-hidden="true">–</span>
      {field("to", to)}
    </>
  );
}

function absolute(range: Range): { from: string; to: string } {
  const { startMs, endMs } = bounds(range, Date.now());
  return { from: String(startMs), to: String(endMs) };
}
