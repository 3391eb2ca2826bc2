/** The answers of several queries as one table, transformed as Grafana does it. */

import type { Sample } from "@/api/prometheus";

export type Cell = string | number | null;

export interface Table {
  columns: string[];
  rows: Record<string, Cell>[];
}

export interface Frame {
  refId: string;
  samples: Sample[];
}

/** A table of the newest values: a column for each label and for each query. */
export function tableOf(frames: Frame[], transformations: { id: string; options?: Record<string, unknown> }[]): Table {
  const single = frames.length === 1;
  let rows: Record<string, Cell>[] = [];
  for (const { refId, samples } of frames) {
    const column = single ? "Value" : `Value #${refId}`;
    rows = merged(
      rows,
      samples.map(({ labels, value }) => ({ ...withoutName(labels), [column]: value })),
    );
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return transformations.reduce(transformed, { columns, rows });
}

function withoutName(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== "__name__"));
}

/** Rows joined where every column that both have is the same. */
function merged(known: Record<string, Cell>[], added: Record<string, Cell>[]): Record<string, Cell>[] {
  const rows = [...known];
  for (const row of added) {
    const at = rows.findIndex((other) => fits(other, row));
    if (at < 0) {
      rows.push(row);
    } else {
      rows[at] = { ...rows[at], ...row };
    }
  }
  return rows;
}

function fits(a: Record<string, Cell>, b: Record<string, Cell>): boolean {
  const shared = Object.keys(b).filter((name) => name in a);
  return shared.length > 0 && shared.every((name) => a[name] === b[name]);
}

function transformed(table: Table, { id, options = {} }: { id: string; options?: Record<string, unknown> }): Table {
  return id === "organize" ? organized(table, options) : table;
}

function organized(table: Table, options: Record<string, unknown>): Table {
  const excluded = (options.excludeByName ?? {}) as Record<string, boolean>;
  const places = (options.indexByName ?? {}) as Record<string, number>;
  const names = (options.renameByName ?? {}) as Record<string, string>;
  const place = (name: string) => places[name] ?? Number.MAX_SAFE_INTEGER;
  const kept = table.columns.filter((name) => !excluded[name]).sort((a, b) => place(a) - place(b));
  const renamed = (name: string) => names[name] || name;
  return {
    columns: kept.map(renamed),
    rows: table.rows.map((row) => Object.fromEntries(kept.map((name) => [renamed(name), row[name] ?? null]))),
  };
}

/** Rows in the order of a column; what has no value comes last. */
export function sorted(table: Table, column: string, descending: boolean): Table {
  const sign = descending ? -1 : 1;
  const rows = [...table.rows].sort((a, b) => compare(a[column] ?? null, b[column] ?? null, sign));
  return { ...table, rows };
}

function compare(a: Cell, b: Cell, sign: number): number {
  const [emptyA, emptyB] = [isEmpty(a), isEmpty(b)];
  if (emptyA || emptyB) {
    return Number(emptyA) - Number(emptyB);
  }
  return typeof a === "number" && typeof b === "number" ? sign * (a - b) : sign * String(a).localeCompare(String(b));
}

function isEmpty(cell: Cell): boolean {
  return cell === null || cell === "" || (typeof cell === "number" && Number.isNaN(cell));
}
