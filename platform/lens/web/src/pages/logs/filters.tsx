import { type FormEvent, useEffect, useRef } from "react";
import { useLoggingServices } from "@/api/logs";
import { Icon } from "@/components/icons";
import { useParameters } from "@/components/range-picker";
import { LEVELS } from "@/model/logs";

const TYPED = ["text", "correlation", "trace"] as const;

/** The filters of the lines. Choices apply at once, typed ones with Enter or when the field is left. */
export function Filters() {
  const { parameters, change } = useParameters();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    for (const name of TYPED) {
      const field = form.current?.elements.namedItem(name);
      if (field instanceof HTMLInputElement && field !== document.activeElement) {
        field.value = parameters.get(name) ?? "";
      }
    }
  }, [parameters]);
  const apply = () => {
    const typed = new FormData(form.current ?? undefined);
    const value = (name: string) => String(typed.get(name) ?? "").trim();
    const changes = Object.fromEntries(TYPED.map((name) => [name, value(name)]));
    if (TYPED.some((name) => (parameters.get(name) ?? "") !== changes[name])) {
      change({ ...changes, span: "" });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply();
  };
  return (
    <search>
      <form ref={form} className="filters" onSubmit={submit} onBlur={apply} data-testid="log-search">
        <div className="search-field">
          <Icon name="search" />
          <input name="text" data-search placeholder="Text in the line" aria-label="Text in the line" />
        </div>
        <Services />
        <Levels />
        <input name="correlation" placeholder="Correlation ID" aria-label="Correlation ID" />
        <input name="trace" placeholder="Trace ID" aria-label="Trace ID" />
        <button type="submit" className="visually-hidden">
          Search
        </button>
        <SpanFilter />
      </form>
    </search>
  );
}

function Services() {
  const { parameters, change } = useParameters();
  const chosen = parameters.get("service") ?? "";
  const services = useLoggingServices().data ?? [];
  const shown = chosen && !services.includes(chosen) ? [chosen, ...services] : services;
  return (
    <label className="field">
      <span className="visually-hidden">Service</span>
      <select value={chosen} onChange={(event) => change({ service: event.target.value })} data-testid="log-service">
        <option value="">All services</option>
        {shown.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Levels() {
  const { parameters, change } = useParameters();
  const chosen = parameters.getAll("level").flatMap((levels) => levels.split(",").filter(Boolean));
  const toggle = (level: string) =>
    change({ level: chosen.includes(level) ? chosen.filter((one) => one !== level) : [...chosen, level] });
  return (
    <fieldset className="levels">
      <legend className="visually-hidden">Levels; none chosen means all</legend>
      {LEVELS.map((level) => (
        <button
          key={level}
          type="button"
          className={`pick level-${level}`}
          aria-pressed={chosen.includes(level)}
          onClick={() => toggle(level)}
          data-testid={`level-${level}`}
        >
          {level}
        </button>
      ))}
    </fieldset>
  );
}

function SpanFilter() {
  const { parameters, change } = useParameters();
  const span = parameters.get("span");
  return span ? (
    <button type="button" className="pick" onClick={() => change({ span: "" })} title="Show lines of other spans too">
      span {span} <Icon name="close" size={11} />
    </button>
  ) : null;
}
