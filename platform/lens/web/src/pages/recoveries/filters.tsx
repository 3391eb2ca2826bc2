import { type FormEvent, useEffect, useRef } from "react";
import { useSystem } from "@/api/system";
import { Choice } from "@/components/choice";
import { Icon } from "@/components/icons";
import { useParameters } from "@/components/range-picker";

/** The conditions of the search. Choices apply at once, the text with Enter or when the field is left. */
export function Filters({ faults }: { faults: string[] }) {
  const { parameters, change } = useParameters();
  const field = useRef<HTMLInputElement>(null);
  const services = useSystem().data?.services.map(({ name }) => name) ?? [];
  const text = parameters.get("text") ?? "";
  useEffect(() => {
    if (field.current && field.current !== document.activeElement) {
      field.current.value = text;
    }
  }, [text]);
  const apply = () => {
    const typed = field.current?.value.trim() ?? "";
    if (typed !== text) {
      change({ text: typed });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply();
  };
  return (
    <search>
      <form className="filters" onSubmit={submit} onBlur={apply} data-testid="recovery-search">
        <div className="search-field">
          <Icon name="search" />
          <input
            ref={field}
            data-search
            defaultValue={text}
            placeholder="Replica, event, action or reason"
            aria-label="Replica, event, action or reason"
          />
        </div>
        <Choice
          label="Service"
          all="All parts"
          value={parameters.get("service") ?? ""}
          values={services}
          onChange={(service) => change({ service })}
        />
        <Choice
          label="Fault"
          all="All faults"
          value={parameters.get("fault") ?? ""}
          values={faults}
          onChange={(fault) => change({ fault })}
        />
        <label className="field">
          <input
            type="checkbox"
            checked={parameters.get("ordinary") === "1"}
            onChange={(event) => change({ ordinary: event.target.checked ? "1" : "" })}
          />
          Ordinary starts too
        </label>
        <button type="submit" className="visually-hidden">
          Search
        </button>
      </form>
    </search>
  );
}
