/** Reading the conditions of a log query back into the filters of our page. */

import type { LogSearch } from "@/model/links";

const MATCHER = /(\w+)\s*(=~|=|!=|!~)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/g;
const CONTAINS = /\|=\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/;

/** Names of levels as services write them, by those that the log query knows. */
const LEVELS: Record<string, string> = { warning: "warn", critical: "fatal", trace: "debug" };

/** The search that shows the same lines, as far as our filters can say it. */
export function searchOf(query: string): LogSearch {
  const search: LogSearch = {};
  const text = CONTAINS.exec(query);
  if (text) {
    search.text = unquoted(text[1] ?? "");
  }
  for (const [, name = "", operator = "", value = ""] of query.matchAll(MATCHER)) {
    if (operator === "=" || operator === "=~") {
      Object.assign(search, condition(name, unquoted(value)));
    }
  }
  return search;
}

function condition(name: string, value: string): LogSearch {
  switch (name) {
    case "service_name":
      return /^[\w-]+$/.test(value) ? { service: value } : {};
    case "level":
    case "detected_level":
    case "severity_text":
      return { level: value.split("|").map(levelName).join(",") };
    case "correlation_id":
      return { correlation: value };
    case "trace_id":
      return { trace: value };
    default:
      return {};
  }
}

function levelName(name: string): string {
  const plain = name.replace(/[()^$]|\(\?i\)/g, "").toLowerCase();
  return LEVELS[plain] ?? plain;
}

function unquoted(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1) : text.slice(1, -1).replace(/\\(.)/g, "$1");
}
