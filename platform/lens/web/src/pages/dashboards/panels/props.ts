import type { Panel } from "@/dashboard/model";
import type { PanelData, PanelSeries } from "../use-panel-data";

export interface PanelProps {
  panel: Panel;
  data: PanelData;
}

/** The newest value of a series that is a number, as Grafana's `lastNotNull`. */
export function lastOf(series: PanelSeries | undefined): number | null {
  const points = series?.points ?? [];
  return points.findLast(([, value]) => !Number.isNaN(value))?.[1] ?? null;
}

/** All series of a panel with the query that each is of. */
export function seriesOf({ data }: PanelProps): (PanelSeries & { refId: string })[] {
  return data.frames.flatMap(({ refId, series }) => series.map((one) => ({ ...one, refId })));
}
