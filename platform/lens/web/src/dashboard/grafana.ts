/** What we read of Grafana's dashboard files. */

export interface GrafanaDashboard {
  uid: string;
  title: string;
  description?: string;
  tags?: string[];
  refresh?: string;
  time?: { from: string; to: string };
  links?: GrafanaLink[];
  panels?: GrafanaPanel[];
  templating?: { list?: GrafanaVariable[] };
  annotations?: { list?: GrafanaAnnotation[] };
}

export interface GrafanaLink {
  title: string;
  type?: string;
  url?: string;
  tags?: string[];
  tooltip?: string;
  includeVars?: boolean;
  keepTime?: boolean;
  targetBlank?: boolean;
}

export interface GrafanaPanel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos?: { h: number; w: number; x: number; y: number };
  interval?: string;
  collapsed?: boolean;
  panels?: GrafanaPanel[];
  links?: GrafanaLink[];
  targets?: GrafanaTarget[];
  options?: GrafanaOptions;
  fieldConfig?: { defaults?: GrafanaField; overrides?: GrafanaOverride[] };
  transformations?: { id: string; options?: Record<string, unknown> }[];
}

export interface GrafanaTarget {
  refId: string;
  expr?: string;
  legendFormat?: string;
  instant?: boolean;
  range?: boolean;
  exemplar?: boolean;
  hide?: boolean;
}

export interface GrafanaOptions {
  content?: string;
  mode?: string;
  legend?: { showLegend?: boolean; displayMode?: string; placement?: string; calcs?: string[] };
  reduceOptions?: { calcs?: string[] };
  sortBy?: { displayName: string; desc?: boolean }[];
  orientation?: string;
}

export interface GrafanaField {
  unit?: string;
  decimals?: number;
  min?: number;
  max?: number;
  displayName?: string;
  noValue?: string;
  color?: { mode?: string; fixedColor?: string };
  thresholds?: { mode?: string; steps?: { color: string; value: number | null }[] };
  mappings?: GrafanaMapping[];
  links?: GrafanaLink[];
  custom?: Record<string, unknown>;
}

export type GrafanaMapping =
  | { type: "value"; options: Record<string, MappingResult> }
  | { type: "special"; options: { match: string; result: MappingResult } }
  | { type: "range"; options: { from: number | null; to: number | null; result: MappingResult } }
  | { type: "regex"; options: { pattern: string; result: MappingResult } };

export interface MappingResult {
  text?: string;
  color?: string;
}

export interface GrafanaOverride {
  matcher: { id: string; options?: unknown };
  properties: { id: string; value?: unknown }[];
}

export interface GrafanaVariable {
  name: string;
  type: string;
  label?: string;
  query?: string | { query?: string };
  current?: { value?: string | string[] };
  options?: { value?: string | string[] }[];
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  hide?: number;
  regex?: string;
}

export interface GrafanaAnnotation {
  name: string;
  datasource?: { type?: string };
  enable?: boolean;
  expr?: string;
  step?: string;
  iconColor?: string;
  titleFormat?: string;
  textFormat?: string;
}
