import { Menu } from "@/components/menu";
import type { GrafanaVariable } from "@/dashboard/grafana";
import { ALL } from "@/dashboard/variables";
import type { Variables } from "./use-variables";

const HIDDEN = 2;

/** What the reader may choose on a dashboard. */
export function VariableBar({ definitions, variables }: { definitions: GrafanaVariable[]; variables: Variables }) {
  const shown = definitions.filter(({ hide, type }) => hide !== HIDDEN && type !== "constant" && type !== "datasource");
  return shown.length === 0 ? null : (
    <div className="variables" data-testid="variables">
      {shown.map((definition) => (
        <Variable key={definition.name} definition={definition} variables={variables} />
      ))}
    </div>
  );
}

function Variable({ definition, variables }: { definition: GrafanaVariable; variables: Variables }) {
  const { name, label, multi, includeAll } = definition;
  const value = variables.values.get(name);
  const chosen = value?.chosen ?? [];
  const options = [...new Set([...(value?.options ?? []), ...chosen.filter((one) => one !== ALL)])];
  const title = label || name;
  if (multi) {
    return <Several title={title} chosen={chosen} options={options} onChange={(now) => variables.choose(name, now)} />;
  }
  return (
    <label className="field">
      <span>{title}</span>
      <select
        value={chosen[0] ?? ""}
        onChange={(event) => variables.choose(name, [event.target.value])}
        data-testid={`variable-${name}`}
      >
        {includeAll && <option value={ALL}>All</option>}
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}

interface SeveralProps {
  title: string;
  chosen: string[];
  options: string[];
  onChange: (chosen: string[]) => void;
}

function Several({ title, chosen, options, onChange }: SeveralProps) {
  const all = chosen.includes(ALL) || chosen.length === 0;
  const toggle = (option: string) => {
    const before = all ? [] : chosen;
    const after = before.includes(option) ? before.filter((one) => one !== option) : [...before, option];
    onChange(after.length === 0 || after.length === options.length ? [ALL] : after);
  };
  return (
    <Menu
      title={
        <>
          <span>{title}</span> {all ? "All" : chosen.join(", ")}
        </>
      }
      testId={`variable-${title.toLowerCase()}`}
    >
      {() => (
        <>
          <label>
            <input type="checkbox" checked={all} onChange={() => onChange([ALL])} /> All
          </label>
          {options.map((option) => (
            <label key={option}>
              <input type="checkbox" checked={!all && chosen.includes(option)} onChange={() => toggle(option)} />{" "}
              {option}
            </label>
          ))}
        </>
      )}
    </Menu>
  );
}
