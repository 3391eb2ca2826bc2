import { type CSSProperties, lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { ErrorBoundary } from "@/app/failure";
import { messageOf } from "@/components/states";
import type { Panel } from "@/dashboard/model";
import { rateUnit } from "@/dashboard/values";
import { interpolateText } from "@/dashboard/variables";
import { useDashboardState } from "./context";
import { PanelMenu } from "./panel-menu";
import { BarGaugePanel } from "./panels/bargauge";
import type { PanelProps } from "./panels/props";
import { StatPanel } from "./panels/stat";
import { TablePanel } from "./panels/table";
import { TextPanel } from "./panels/text";
import { type PanelData, usePanelData } from "./use-panel-data";

const GaugePanel = lazy(async () => ({ default: (await import("./panels/charts")).GaugePanel }));
const TimeSeriesPanel = lazy(async () => ({ default: (await import("./panels/charts")).TimeSeriesPanel }));

/** A panel in its place. It asks for nothing before it comes into view. */
export function PanelView({ panel }: { panel: Panel }) {
  const element = useRef<HTMLElement>(null);
  const { values, measured } = useDashboardState();
  const [seen, width] = useSeen(element);
  const query = usePanelData(panel, width, seen && measured && panel.targets.length > 0);
  const { x, y, w, h } = panel.place;
  const place = { "--x": x + 1, "--y": y + 1, "--w": w, "--h": h } as CSSProperties;
  const title = interpolateText(panel.title, values);
  return (
    <section
      ref={element}
      className={`panel panel-${panel.kind}`}
      style={place}
      aria-label={title || undefined}
      data-testid="panel"
      data-panel={panel.id}
      data-kind={panel.type}
    >
      {panel.kind === "text" && !panel.title ? null : (
        <header>
          <h3 title={interpolateText(panel.description, values)}>
            {title}
            {panel.kind === "timeseries" && <small>{rateUnit(panel.field.unit)}</small>}
          </h3>
          <PanelMenu panel={panel} series={query.data?.frames.flatMap(({ series }) => series) ?? []} />
        </header>
      )}
      <div className="panel-body">
        <ErrorBoundary>{seen && <Body panel={panel} query={query} />}</ErrorBoundary>
      </div>
    </section>
  );
}

/** Whether it has come near the view, and how wide it is. */
function useSeen(element: RefObject<HTMLElement>): [boolean, number] {
  const [seen, setSeen] = useState(false);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const watched = element.current;
    if (!watched) {
      return;
    }
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) {
          setWidth(Math.round(entry.boundingClientRect.width));
          setSeen(true);
          observer.disconnect();
        }
      },
      { rootMargin: "250px" },
    );
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return [seen, width];
}

interface BodyProps {
  panel: Panel;
  query: { data: PanelData | undefined; error: unknown };
}

function Body({ panel, query }: BodyProps) {
  if (panel.kind === "text") {
    return <TextPanel panel={panel} />;
  }
  if (panel.kind === "unknown") {
    return (
      <p className="panel-note" data-testid="unknown-panel">
        The console does not know panels of the kind “{panel.type}”; Grafana shows them (./just up --docker).
      </p>
    );
  }
  return <Measured panel={panel} query={query} />;
}

function Measured({ panel, query }: BodyProps) {
  const { measured } = useDashboardState();
  if (!measured) {
    return <p className="panel-note">No Prometheus</p>;
  }
  if (query.data === undefined) {
    return query.error ? (
      <p className="panel-note bad" role="alert">
        {messageOf(query.error)}
      </p>
    ) : (
      <p className="panel-note loading">Loading…</p>
    );
  }
  if (query.data.frames.every(({ series }) => series.length === 0) && panel.kind !== "stat") {
    return <p className="panel-note">No data in this time</p>;
  }
  const props: PanelProps = { panel, data: query.data };
  return (
    <Suspense fallback={<p className="panel-note loading">Loading…</p>}>
      <Content {...props} />
    </Suspense>
  );
}

function Content(props: PanelProps) {
  switch (props.panel.kind) {
    case "timeseries":
      return <TimeSeriesPanel {...props} />;
    case "gauge":
      return <GaugePanel {...props} />;
    case "bargauge":
      return <BarGaugePanel {...props} />;
    case "table":
      return <TablePanel {...props} />;
    default:
      return <StatPanel {...props} />;
  }
}
