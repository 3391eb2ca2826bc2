import { useState } from "react";
import { Link } from "react-router-dom";
import { type Cell, sorted, tableOf } from "@/dashboard/frame";
import type { GrafanaField } from "@/dashboard/grafana";
import { rewrite } from "@/dashboard/links";
import { fieldFor, show } from "@/dashboard/values";
import { useDashboardState } from "../context";
import { lastOf, type PanelProps } from "./props";

/** The newest values as a table; a click on a heading sorts. */
export function TablePanel({ panel, data }: PanelProps) {
  const [first] = panel.options.sortBy ?? [];
  const [order, setOrder] = useState({ column: first?.displayName ?? "", descending: first?.desc ?? false });
  const frames = data.frames.map(({ refId, series }) => ({
    refId,
    samples: series.map((one) => ({ labels: one.labels, value: lastOf(one) ?? Number.NaN })),
  }));
  const table = tableOf(frames, panel.transformations);
  const { columns, rows } = order.column ? sorted(table, order.column, order.descending) : table;
  const fields = new Map(columns.map((name) => [name, fieldFor(panel.field, panel.overrides, name)]));
  const sortBy = (column: string) =>
    setOrder((before) => ({ column, descending: before.column === column ? !before.descending : false }));
  return (
    <div className="panel-scroll">
      <table className="list plain panel-list">
        <thead>
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                aria-sort={sortOf(order, name)}
                className={numeric(rows, name) ? "number" : ""}
              >
                <button type="button" onClick={() => sortBy(name)}>
                  {name}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
            <tr key={index}>
              {columns.map((name) => (
                <CellView key={name} name={name} row={row} field={fields.get(name) ?? {}} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortOf(order: { column: string; descending: boolean }, name: string) {
  return order.column === name ? (order.descending ? "descending" : "ascending") : undefined;
}

function numeric(rows: Record<string, Cell>[], name: string): boolean {
  return rows.some((row) => typeof row[name] === "number");
}

interface CellProps {
  name: string;
  row: Record<string, Cell>;
  field: GrafanaField;
}

/** A value; where the column has links, its first is the value itself and the others stand behind it. */
function CellView({ name, row, field }: CellProps) {
  const value = row[name] ?? null;
  const { text, colour } = show(value, field);
  const coloured = (field.custom?.cellOptions as { type?: string } | undefined)?.type?.startsWith("color");
  const [first, ...others] = useLinks(field, row);
  return (
    <td
      className={typeof value === "number" ? "number" : ""}
      style={{ color: coloured && colour ? colour : undefined }}
    >
      {first ? (
        <Link to={first.to} title={first.title}>
          {text}
        </Link>
      ) : (
        text
      )}
      {others.length > 0 && (
        <span className="cell-links">
          {others.map(({ to, title }) => (
            <Link key={title} to={to}>
              {title}
            </Link>
          ))}
        </span>
      )}
    </td>
  );
}

function useLinks(field: GrafanaField, row: Record<string, Cell>): { to: string; title: string }[] {
  const { values, range } = useDashboardState();
  const fields = Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, String(cell ?? "")]));
  return (field.links ?? []).flatMap(({ title, url = "" }) => {
    const to = rewrite(url, { values, ...range, fields });
    return to ? [{ to, title }] : [];
  });
}
