import { Link } from "react-router-dom";
import { Menu } from "@/components/menu";
import type { GrafanaLink } from "@/dashboard/grafana";
import { rewrite } from "@/dashboard/links";
import type { Panel } from "@/dashboard/model";
import { interpolateText } from "@/dashboard/variables";
import { useDashboardState } from "./context";
import type { PanelSeries } from "./use-panel-data";

const MOST_LABELS = 12;
const OF_A_SERIES = /\$\{__field\.labels\.(\w+)\}/;
const OF_A_ROW = /\$\{__data\./;

interface Target {
  title: string;
  to: string;
}

/** What a panel is about, and where one goes from it. */
export function PanelMenu({ panel, series }: { panel: Panel; series: PanelSeries[] }) {
  const { values } = useDashboardState();
  const description = interpolateText(panel.description, values);
  const links = [...panel.links, ...(panel.field.links ?? [])];
  if (!description && links.length === 0) {
    return null;
  }
  return (
    <Menu title="⋯" label={`About ${panel.title}`} className="panel-menu" testId="panel-menu">
      {() => (
        <>
          {description && <p>{description}</p>}
          <Targets series={series} links={links} />
        </>
      )}
    </Menu>
  );
}

function Targets({ series, links }: { series: PanelSeries[]; links: GrafanaLink[] }) {
  const { values, range } = useDashboardState();
  const context = { values, ...range };
  const targets = links.flatMap(({ title, url = "" }): Target[] => {
    const label = OF_A_SERIES.exec(url)?.[1];
    if (OF_A_ROW.test(url)) {
      return [];
    }
    const names = label ? [...new Set(series.map((one) => one.labels[label] ?? ""))].filter(Boolean) : [""];
    return names.slice(0, MOST_LABELS).flatMap((name) => {
      const to = rewrite(url, label ? { ...context, labels: { [label]: name } } : context);
      return to ? [{ title: name ? `${title}: ${name}` : title, to }] : [];
    });
  });
  const unique = [...new Map(targets.map((target) => [target.title + target.to, target])).values()];
  return (
    <>
      {unique.map(({ title, to }) => (
        <Link key={title + to} to={to}>
          {title}
        </Link>
      ))}
    </>
  );
}
