/** A dashboard as we draw it, made of Grafana's file. */

import type {
  GrafanaAnnotation,
  GrafanaDashboard,
  GrafanaField,
  GrafanaLink,
  GrafanaOptions,
  GrafanaOverride,
  GrafanaPanel,
  GrafanaTarget,
  GrafanaVariable,
} from "./grafana";

export const KINDS = ["timeseries", "stat", "gauge", "bargauge", "table", "text"] as const;
export type Kind = (typeof KINDS)[number] | "unknown";

export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Panel {
  id: number;
  kind: Kind;
  /** Grafana's name of the kind, for a panel that we do not understand. */
  type: string;
  title: string;
  description: string;
  /** In a grid of 24 columns; `y` counts from the section's beginning. */
  place: Place;
  /** The least distance of two points, in milliseconds. */
  minIntervalMs: number;
  links: GrafanaLink[];
  targets: GrafanaTarget[];
  field: GrafanaField;
  overrides: GrafanaOverride[];
  options: GrafanaOptions;
  transformations: { id: string; options?: Record<string, unknown> }[];
}

/** A row of Grafana's with what is below it; the first may have no title. */
export interface Section {
  title: string;
  collapsed: boolean;
  panels: Panel[];
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  refreshMs: number;
  from: string;
  to: string;
  links: GrafanaLink[];
  variables: GrafanaVariable[];
  annotations: GrafanaAnnotation[];
  sections: Section[];
}

const VARIABLES = ["query", "custom", "constant", "textbox", "interval", "datasource"];
const COLUMNS = 24;

/** A dashboard from Grafana's file. */
export function convert(file: GrafanaDashboard): Dashboard {
  return {
    uid: file.uid,
    title: file.title,
    description: file.description ?? "",
    refreshMs: durationMs(file.refresh ?? ""),
    from: file.time?.from ?? "now-1h",
    to: file.time?.to ?? "now",
    links: file.links ?? [],
    variables: (file.templating?.list ?? []).filter(({ type }) => VARIABLES.includes(type)),
    annotations: (file.annotations?.list ?? []).filter(({ enable, expr }) => enable !== false && expr),
    sections: sectionsOf(file.panels ?? []),
  };
}

function sectionsOf(panels: GrafanaPanel[]): Section[] {
  const sections: Section[] = [{ title: "", collapsed: false, panels: [] }];
  for (const panel of [...panels].sort(byPlace)) {
    if (panel.type === "row") {
      const inside = (panel.panels ?? []).map(convertPanel);
      sections.push({ title: panel.title ?? "", collapsed: panel.collapsed === true, panels: inside });
    } else {
      sections.at(-1)?.panels.push(convertPanel(panel));
    }
  }
  return sections.filter(({ title, panels }) => title || panels.length > 0).map(fromItsTop);
}

function byPlace(a: GrafanaPanel, b: GrafanaPanel): number {
  return (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0);
}

function fromItsTop(section: Section): Section {
  const top = Math.min(...section.panels.map(({ place }) => place.y));
  const panels = section.panels.map((panel) => ({ ...panel, place: { ...panel.place, y: panel.place.y - top } }));
  return { ...section, panels };
}

function convertPanel(panel: GrafanaPanel): Panel {
  const { x = 0, y = 0, w = 12, h = 8 } = panel.gridPos ?? {};
  return {
    id: panel.id,
    kind: KINDS.find((kind) => kind === panel.type) ?? "unknown",
    type: panel.type,
    title: panel.title ?? "",
    description: panel.description ?? "",
    place: { x: Math.min(x, COLUMNS - 1), y, w: Math.min(w, COLUMNS - x), h },
    minIntervalMs: durationMs(panel.interval ?? "") || 1_000,
    links: panel.links ?? [],
    targets: (panel.targets ?? []).filter(({ hide, expr }) => !hide && expr),
    field: panel.fieldConfig?.defaults ?? {},
    overrides: panel.fieldConfig?.overrides ?? [],
    options: panel.options ?? {},
    transformations: panel.transformations ?? [],
  };
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A duration such as `15s` or `>1m` in milliseconds; 0 where it is none. */
export function durationMs(text: string): number {
  const found = /^>?(\d+)(ms|[smhdw])$/.exec(text.trim());
  return found ? Number(found[1]) * (UNITS[found[2] ?? ""] ?? 0) : 0;
}
