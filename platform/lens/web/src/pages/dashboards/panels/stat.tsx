import { fieldFor, show } from "@/dashboard/values";
import { lastOf, type PanelProps, seriesOf } from "./props";

/** One number, or one for each series, in the colour of its threshold. */
export function StatPanel(props: PanelProps) {
  const { panel } = props;
  const series = seriesOf(props);
  if (series.length === 0) {
    const { text } = show(null, panel.field);
    return <p className="stat muted">{text === "–" ? "no data" : text}</p>;
  }
  return (
    <ul className="stats">
      {series.map((one, index) => {
        const { text, colour } = show(lastOf(one), fieldFor(panel.field, panel.overrides, one.name, one.refId));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a series' place is its identity in a panel
          <li key={index} className="stat" style={{ color: colour ?? undefined }}>
            {series.length > 1 && <span>{one.name}</span>}
            <b>{text}</b>
          </li>
        );
      })}
    </ul>
  );
}
