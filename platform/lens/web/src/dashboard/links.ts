/** Grafana's links as links of the console. */

import {
  dashboardLink,
  type LogSearch,
  logsLink,
  runbookLink,
  runbookName,
  traceLink,
  tracesLink,
} from "@/model/links";
import { searchOf } from "./logql";
import { replaceVariables, type Values, valuesOf } from "./variables";

export interface LinkContext {
  values: Values;
  /** The time range as the address holds it. */
  from: string;
  to: string;
  /** Labels of the series, for `${__field.labels.…}`. */
  labels?: Record<string, string>;
  /** Texts of the row, for `${__data.fields.…}`. */
  fields?: Record<string, string>;
}

const BUILT_IN = /\$\{(__[\w]+)(?:\.([^}:]+))?(?::\w+)?\}/g;

/** Where a link leads in the console, or null where it leads nowhere here. */
export function rewrite(url: string, context: LinkContext): string | null {
  const [path = "", query = ""] = splitAt(url, "?");
  if (path === "/explore") {
    return exploreLink(query, context);
  }
  const runbook = runbookName(path);
  if (runbook) {
    return runbookLink(runbook);
  }
  if (path.startsWith("/d/")) {
    return dashboardWith(path.slice(3).split("/")[0] ?? "", fill(query, context));
  }
  const target = fill(url, context);
  return /^(https?:\/\/|\/)/.test(target) ? target : null;
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function dashboardWith(uid: string, query: string): string {
  const parameters = new URLSearchParams(query);
  for (const [name, value] of [...parameters]) {
    if (value === "" || name.startsWith("$")) {
      parameters.delete(name);
    }
  }
  const text = parameters.toString();
  return text ? `${dashboardLink(uid)}?${text}` : dashboardLink(uid);
}

/** A text of an address with variables and built-in names filled in, percent-encoded. */
function fill(text: string, context: LinkContext): string {
  const built = text.replace(
    BUILT_IN,
    (whole, name, member) => builtIn(name, member, context, encodeURIComponent) ?? whole,
  );
  return replaceVariables(built, context.values, (value) => value.chosen.map(encodeURIComponent).join(","));
}

/** The same inside of JSON that has been parsed: several values become a pattern, all of them anything. */
function fillPlain(text: string, context: LinkContext): string {
  const built = text.replace(BUILT_IN, (whole, name, member) => builtIn(name, member, context, (one) => one) ?? whole);
  return replaceVariables(built, context.values, (value) => {
    const found = valuesOf(value);
    return found.length === 1 ? (found[0] ?? "") : ".+";
  });
}

function builtIn(
  name: string,
  member: string | undefined,
  { from, to, labels, fields }: LinkContext,
  write: (text: string) => string,
): string | undefined {
  const [kind, ...rest] = (member ?? "").split(".");
  const key = rest.join(".").replace(/^\["?|"?\]$/g, "");
  switch (name) {
    case "__url_time_range":
      return `from=${write(from)}&to=${write(to)}`;
    case "__from":
      return write(from);
    case "__to":
      return write(to);
    case "__field":
      return kind === "labels" ? write(labels?.[key] ?? "") : undefined;
    case "__data":
      return kind === "fields" ? write(fields?.[key] ?? "") : undefined;
    default:
      return undefined;
  }
}

interface Query {
  datasource?: { type?: string } | string;
  queryType?: string;
  query?: string;
  service?: string;
  operation?: string;
  tags?: string;
  minDuration?: string;
  maxDuration?: string;
  expr?: string;
}

interface Pane {
  datasource?: string;
  queries?: Query[];
}

function exploreLink(query: string, context: LinkContext): string | null {
  const pane = firstPane(new URLSearchParams(query).get("panes"), context);
  const asked = pane?.queries?.[0];
  const source =
    typeof asked?.datasource === "object" ? asked.datasource.type : (asked?.datasource ?? pane?.datasource);
  const time = { from: context.from, to: context.to };
  if (asked && source === "jaeger") {
    return jaegerLink(asked, time);
  }
  if (asked?.expr && source === "loki") {
    return logsLink({ ...searchOf(asked.expr), ...time } satisfies LogSearch);
  }
  return null;
}

function firstPane(text: string | null, context: LinkContext): Pane | undefined {
  try {
    const panes = JSON.parse(text ?? "{}", (_, value) =>
      typeof value === "string" ? fillPlain(value, context) : value,
    ) as Record<string, Pane>;
    return Object.values(panes)[0];
  } catch {
    return undefined;
  }
}

function jaegerLink(query: Query, time: { from: string; to: string }): string {
  if (query.queryType !== "search" && query.query) {
    return traceLink(query.query);
  }
  const tags: string[] = query.tags?.match(/\S+=\S+/g) ?? [];
  const link = tracesLink({
    service: query.service === ".+" ? undefined : query.service,
    operation: query.operation,
    errors: tags.includes("error=true") ? "1" : undefined,
    ...time,
  });
  const rest = new URLSearchParams();
  for (const tag of tags.filter((one) => one !== "error=true")) {
    rest.append("tag", tag);
  }
  if (query.minDuration) {
    rest.set("min", query.minDuration);
  }
  return rest.size ? `${link}&${rest}` : link;
}
