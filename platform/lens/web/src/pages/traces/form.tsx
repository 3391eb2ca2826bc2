import { type FormEvent, useEffect, useRef } from "react";
import { useNavigate } from "react-router-dom";
import { useOperations, useTracedServices } from "@/api/traces";
import { Choice } from "@/components/choice";
import { Icon } from "@/components/icons";
import { useParameters } from "@/components/range-picker";
import { DEFAULT_LIMIT, formatTags, LIMITS, parseTags } from "./query";

/** The conditions of the search. Choices apply at once, typed ones with Enter. */
export function SearchForm() {
  const { parameters, change } = useParameters();
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const value = (name: string) => parameters.get(name) ?? "";
  // Typed fields are uncontrolled: they follow the address when it changes otherwise.
  useEffect(() => fill(form.current, parameters), [parameters]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    change({ text: typed.text?.trim(), min: typed.min, max: typed.max, tag: parseTags(typed.tag ?? "") }, false);
  };
  return (
    <search>
      <form ref={form} className="filters" onSubmit={submit} data-testid="trace-search">
        <div className="search-field">
          <Icon name="search" />
          <input
            name="text"
            data-search
            aria-label="Correlation, trace or order ID, or a part of a span's name"
            placeholder="Correlation, trace or order ID, or a span's name"
            defaultValue={value("text")}
          />
        </div>
        <Choices />
        <Typed name="min" placeholder="min 100ms" label="Shortest duration" />
        <Typed name="max" placeholder="max 2s" label="Longest duration" />
        <Typed name="tag" placeholder="http.route=/orders" label="Attributes, name=value" wide />
        <label className="field">
          <input
            type="checkbox"
            checked={value("errors") === "1"}
            onChange={(event) => change({ errors: event.target.checked ? "1" : "" })}
          />
          Errors only
        </label>
        <button type="submit" className="primary">
          Search
        </button>
        <button type="button" className="quiet" onClick={() => navigate("/traces")}>
          Clear
        </button>
      </form>
    </search>
  );
}

function fill(form: HTMLFormElement | null, parameters: URLSearchParams): void {
  const set = (name: string, value: string) => {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field !== document.activeElement) {
      field.value = value;
    }
  };
  for (const name of ["text", "min", "max"]) {
    set(name, parameters.get(name) ?? "");
  }
  set("tag", formatTags(parameters.getAll("tag")));
}

function Choices() {
  const { parameters, change } = useParameters();
  const service = parameters.get("service") ?? "";
  const operation = parameters.get("operation") ?? "";
  const services = useTracedServices().data ?? [];
  const operations = useOperations(service).data ?? [];
  return (
    <>
      <Choice
        label="Service"
        all="All services"
        value={service}
        values={services}
        onChange={(chosen) => change({ service: chosen, operation: "" })}
      />
      {service && (
        <Choice
          label="Operation"
          all="All operations"
          value={operation}
          values={operations}
          onChange={(chosen) => change({ operation: chosen })}
        />
      )}
      <Choice
        label="At most"
        all={`${DEFAULT_LIMIT} traces`}
        value={parameters.get("limit") ?? ""}
        values={LIMITS.filter((limit) => limit !== DEFAULT_LIMIT)}
        onChange={(limit) => change({ limit })}
      />
    </>
  );
}

function Typed({
  name,
  placeholder,
  label,
  wide,
}: {
  name: string;
  placeholder: string;
  label: string;
  wide?: boolean;
}) {
  return (
    <input
      name={name}
      className={wide ? "wide" : "narrow"}
      placeholder={placeholder}
      aria-label={label}
      title={label}
    />
  );
}
