import { fieldFor, show } from "@/dashboard/values";
import { lastOf, type PanelProps, seriesOf } from "./props";

/** A bar for each series. */
export function BarGaugePanel(props: PanelProps) {
  const { panel } = props;
  const rows = seriesOf(props).map((one) => ({ ...one, value: lastOf(one) }));
  const most = panel.field.max ?? Math.max(...rows.map(({ value }) => value ?? 0), 0);
  return (
    <ul className="bars">
      {rows.map(({ name, refId, value }) => {
        const { text, colour } = show(value, fieldFor(panel.field, panel.overrides, name, refId));
        const width = most > 0 ? Math.max(0, Math.min(1, (value ?? 0) / most)) * 100 : 0;
        return (
          <li key={`${refId} ${name}`}>
            <span title={name}>{name}</span>
            <i>
              <b style={{ width: `${width}%`, background: colour ?? "var(--accent)" }} />
            </i>
            <em style={{ color: colour ?? undefined }}>{text}</em>
          </li>
        );
      })}
    </ul>
  );
}
