/** A number as a panel shows it: unit, decimals, mappings, thresholds. */

import type { GrafanaField, GrafanaMapping, GrafanaOverride, MappingResult } from "./grafana";

export interface Shown {
  text: string;
  /** A colour of the style sheet, or none. */
  colour: string | null;
}

const COLOURS: Record<string, string> = {
  green: "var(--ok)",
  orange: "var(--warn)",
  yellow: "var(--warn)",
  red: "var(--bad)",
  blue: "var(--service-0)",
  purple: "var(--service-3)",
  text: "var(--text)",
  transparent: "transparent",
};

/** Grafana's name of a colour in ours; shades such as `dark-red` are the plain colour. */
export function colourOf(name: string | undefined): string | null {
  if (!name) {
    return null;
  }
  const plain = name.replace(/^(super-light|semi-dark|light|dark)-/, "");
  return COLOURS[plain] ?? (/^(#|rgb)/.test(name) ? name : null);
}

/** How a value is shown. */
export function show(value: number | string | null, field: GrafanaField): Shown {
  const mapped = mappingFor(value, field.mappings ?? []);
  if (mapped) {
    const text = mapped.text || plainText(value, field);
    return { text, colour: colourOf(mapped.color) };
  }
  return { text: plainText(value, field), colour: typeof value === "number" ? thresholdColour(value, field) : null };
}

function plainText(value: number | string | null, field: GrafanaField): string {
  if (typeof value === "string") {
    return value;
  }
  return value === null || Number.isNaN(value) ? (field.noValue ?? "–") : format(value, field.unit, field.decimals);
}

function mappingFor(value: number | string | null, mappings: GrafanaMapping[]): MappingResult | null {
  for (const mapping of mappings) {
    const result = resultOf(mapping, value);
    if (result) {
      return result;
    }
  }
  return null;
}

function resultOf(mapping: GrafanaMapping, value: number | string | null): MappingResult | null {
  switch (mapping.type) {
    case "value":
      return value === null ? null : (mapping.options[String(value)] ?? null);
    case "special":
      return isSpecial(mapping.options.match, value) ? mapping.options.result : null;
    case "range": {
      const { from, to, result } = mapping.options;
      const inside = typeof value === "number" && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
      return inside ? result : null;
    }
    case "regex":
      return new RegExp(mapping.options.pattern).test(String(value)) ? mapping.options.result : null;
    default:
      return null;
  }
}

function isSpecial(match: string, value: number | string | null): boolean {
  const noNumber = typeof value === "number" && Number.isNaN(value);
  const matches: Record<string, boolean> = {
    null: value === null,
    nan: noNumber,
    "null+nan": value === null || noNumber,
    empty: value === "",
    true: value === "true",
    false: value === "false",
  };
  return matches[match] ?? false;
}

/** The colour of the last threshold that the value has reached. */
export function thresholdColour(value: number, field: GrafanaField): string | null {
  const steps = field.thresholds?.steps ?? [];
  if (field.color?.mode === "fixed") {
    return colourOf(field.color.fixedColor);
  }
  if (field.color?.mode && field.color.mode !== "thresholds") {
    return null;
  }
  const scale = field.thresholds?.mode === "percentage" ? percentOf(value, field) : value;
  return colourOf(steps.filter((step) => scale >= (step.value ?? -Infinity)).at(-1)?.color);
}

function percentOf(value: number, { min = 0, max = 100 }: GrafanaField): number {
  return ((value - min) / (max - min || 1)) * 100;
}

interface Scale {
  steps: [limit: number, divisor: number, suffix: string][];
  decimals: number;
}

const TIME: Scale["steps"] = [
  [1e-6, 1e-9, " ns"],
  [1e-3, 1e-6, " µs"],
  [1, 1e-3, " ms"],
  [60, 1, " s"],
  [3_600, 60, " min"],
  [86_400, 3_600, " h"],
  [Infinity, 86_400, " d"],
];
const SHORT: Scale["steps"] = [
  [1e3, 1, ""],
  [1e6, 1e3, " K"],
  [1e9, 1e6, " M"],
  [Infinity, 1e9, " G"],
];
const BYTES: Scale["steps"] = [
  [1024, 1, " B"],
  [1024 ** 2, 1024, " KiB"],
  [1024 ** 3, 1024 ** 2, " MiB"],
  [Infinity, 1024 ** 3, " GiB"],
];
const SUFFIXES: Record<string, string> = {
  reqps: " req/s",
  cps: "/s",
  ops: " ops/s",
  wps: " writes/s",
  rps: " reads/s",
};

/** The unit of a rate, for the heading of a graph whose axis has plain numbers. */
export function rateUnit(unit = ""): string {
  return (SUFFIXES[unit] ?? "").trim();
}

/** A number with its unit, named as Grafana names it. */
export function format(value: number, unit = "", decimals?: number): string {
  if (!Number.isFinite(value)) {
    return value > 0 ? "∞" : "-∞";
  }
  switch (unit) {
    case "percentunit":
      return `${fixed(value * 100, decimals)} %`;
    case "percent":
      return `${fixed(value, decimals)} %`;
    case "s":
      return scaled(value, TIME, decimals);
    case "ms":
      return scaled(value / 1000, TIME, decimals);
    case "bytes":
    case "decbytes":
      return scaled(value, BYTES, decimals);
    case "none":
      return fixed(value, decimals);
    default:
      return `${scaled(value, SHORT, decimals)}${SUFFIXES[unit] ?? ""}`;
  }
}

function scaled(value: number, steps: Scale["steps"], decimals: number | undefined): string {
  if (value === 0) {
    const whole = steps.find(([, divisor]) => divisor === 1);
    return `0${whole?.[2] ?? ""}`;
  }
  // What would be rounded up to the next unit belongs to it.
  const step = steps.find(([limit]) => Math.abs(value) * 1.0005 < limit) ?? steps.at(-1);
  return step ? `${fixed(value / step[1], step[1] === 1 ? decimals : undefined)}${step[2]}` : String(value);
}

function fixed(value: number, decimals: number | undefined): string {
  const size = Math.abs(value);
  const digits = decimals ?? (size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  return String(Number(value.toFixed(digits)));
}

/** The settings of one column or series: the defaults and the overrides that match. */
export function fieldFor(defaults: GrafanaField, overrides: GrafanaOverride[], name: string, refId = ""): GrafanaField {
  let field: GrafanaField = { ...defaults, custom: { ...defaults.custom } };
  for (const { matcher, properties } of overrides) {
    if (matches(matcher, name, refId)) {
      for (const { id, value } of properties) {
        field = withProperty(field, id, value);
      }
    }
  }
  return field;
}

function matches(matcher: GrafanaOverride["matcher"], name: string, refId: string): boolean {
  switch (matcher.id) {
    case "byName":
      return matcher.options === name;
    case "byFrameRefID":
      return matcher.options === refId;
    case "byRegexp":
      return new RegExp(String(matcher.options).replace(/^\/|\/$/g, "")).test(name);
    default:
      return false;
  }
}

function withProperty(field: GrafanaField, id: string, value: unknown): GrafanaField {
  return id.startsWith("custom.")
    ? { ...field, custom: { ...field.custom, [id.slice(7)]: value } }
    : { ...field, [id]: value };
}
