/** What lies above a graph: exemplars, which lead to their traces, and annotations. */

import { getInstanceByDom } from "echarts/core";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router-dom";
import type { Panel } from "@/dashboard/model";
import { format } from "@/dashboard/values";
import { duration } from "@/format/numbers";
import { moment } from "@/format/time";
import { traceLink } from "@/model/links";
import type { PanelData } from "../use-panel-data";
import { type AnnotationMark, type Exemplar, useAnnotations, useExemplars } from "./use-marks";

interface Props {
  panel: Panel;
  data: PanelData;
}

interface Placed<T> {
  mark: T;
  x: number;
  y: number;
}

interface Layout {
  exemplars: Placed<Exemplar>[];
  annotations: Placed<AnnotationMark>[];
  bottom: number;
}

const NOWHERE: Layout = { exemplars: [], annotations: [], bottom: 0 };

export function Marks({ panel, data }: Props) {
  const exemplars = useExemplars(panel, data.time);
  const annotations = useAnnotations(data.time);
  const element = useRef<HTMLDivElement>(null);
  const layout = useLayout(element, exemplars, annotations);
  const navigate = useNavigate();
  return (
    <div ref={element} className="marks">
      {layout.annotations.map(({ mark, x, y }) => (
        <i key={mark.title + mark.atMs} className="annotation" style={{ left: x, top: y, height: layout.bottom - y }}>
          <b title={`${mark.title} at ${moment(mark.atMs)}`} />
        </i>
      ))}
      {layout.exemplars.map(({ mark, x, y }) => (
        <button
          key={mark.traceId + mark.atMs}
          type="button"
          className="exemplar"
          style={{ left: x, top: y }}
          title={`${format(mark.value, panel.field.unit)} at ${moment(mark.atMs)}: open the trace`}
          aria-label={`Trace of ${duration(mark.value * 1000)} at ${moment(mark.atMs)}`}
          data-testid="exemplar"
          onClick={() => navigate(traceLink(mark.traceId))}
        />
      ))}
    </div>
  );
}

/** Where the marks are in pixels, each time that the chart beside them has been drawn. */
function useLayout(element: RefObject<HTMLElement>, exemplars: Exemplar[], annotations: AnnotationMark[]): Layout {
  const [layout, setLayout] = useState(NOWHERE);
  const wanted = useMemo(() => ({ exemplars, annotations }), [exemplars, annotations]);
  useEffect(() => {
    let frame = 0;
    let detach = () => {};
    const attach = () => {
      const dom = element.current?.parentElement?.querySelector<HTMLElement>("[_echarts_instance_]");
      const chart = dom ? getInstanceByDom(dom) : undefined;
      if (!(dom && chart)) {
        frame = requestAnimationFrame(attach);
        return;
      }
      const place = () => setLayout((before) => same(before, layoutOf(chart, dom, element.current, wanted)));
      place();
      chart.on("finished", place);
      detach = () => {
        if (!chart.isDisposed()) {
          chart.off("finished", place);
        }
      };
    };
    if (wanted.exemplars.length + wanted.annotations.length > 0) {
      attach();
    } else {
      setLayout(NOWHERE);
    }
    return () => {
      cancelAnimationFrame(frame);
      detach();
    };
  }, [element, wanted]);
  return layout;
}

function same(before: Layout, after: Layout): Layout {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

type Chart = NonNullable<ReturnType<typeof getInstanceByDom>>;
type Wanted = { exemplars: Exemplar[]; annotations: AnnotationMark[] };

function layoutOf(chart: Chart, dom: HTMLElement, own: HTMLElement | null, wanted: Wanted): Layout {
  const grid = gridOf(chart);
  if (!(grid && own)) {
    return NOWHERE;
  }
  const [outer, inner] = [own.getBoundingClientRect(), dom.getBoundingClientRect()];
  const [left, top] = [inner.left - outer.left, inner.top - outer.top];
  const x = (ms: number) => Number(chart.convertToPixel({ xAxisIndex: 0 }, ms));
  const y = (value: number) => Number(chart.convertToPixel({ yAxisIndex: 0 }, value));
  const inside = (at: number) => at >= grid.x - 1 && at <= grid.x + grid.width + 1;
  const clamp = (at: number) => Math.max(grid.y, Math.min(at, grid.y + grid.height));
  return {
    exemplars: wanted.exemplars.flatMap((mark) => {
      const at = x(mark.atMs);
      return inside(at) ? [{ mark, x: Math.round(at + left), y: Math.round(clamp(y(mark.value)) + top) }] : [];
    }),
    annotations: wanted.annotations.flatMap((mark) => {
      const at = x(mark.atMs);
      return inside(at) ? [{ mark, x: Math.round(at + left), y: Math.round(grid.y + top) }] : [];
    }),
    bottom: Math.round(grid.y + grid.height + top),
  };
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Inside {
  getModel?: () => {
    getComponent(name: string, index: number): { coordinateSystem?: { getRect(): Rectangle } } | undefined;
  };
}

/** The rectangle that the axes span; ECharts has no public name for it. */
function gridOf(chart: Chart): Rectangle | undefined {
  const model = (chart as unknown as Inside).getModel?.();
  return model?.getComponent("grid", 0)?.coordinateSystem?.getRect();
}
