import { useEffect, useRef } from "react";
import { useServiceColour } from "@/app/colours";
import { type Paint, usePaint } from "@/app/paint";
import type { Row, Trace } from "@/model/trace";
import { useDrag } from "./use-drag";
import { percentAt, type Window, windowBetween } from "./window";

const HEIGHT = 44;

interface Props {
  trace: Trace;
  rows: Row[];
  shown: Window;
  onPick: (index: number) => void;
  onZoom: (shown: Window) => void;
}

/** The whole trace in small: a click goes to what is there, a drag shows that time only. */
export function Overview({ trace, rows, shown, onPick, onZoom }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colourOf = useServiceColour();
  const paint = usePaint();
  useEffect(() => {
    const element = canvas.current;
    if (!element) {
      return;
    }
    const colour: Paint = (service) => paint(service ? colourOf(service) : "var(--bad)");
    const draw = () => picture(element, rows, trace.duration, colour);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rows, trace, colourOf, paint]);
  const [drag, handlers] = useDrag({
    onClick: (share) => onPick(Math.floor(share * rows.length)),
    onDrag: (a, b) => onZoom(windowBetween(a, b, trace.duration)),
  });
  const marked = drag ? windowBetween(drag[0], drag[1], trace.duration) : shown;
  const whole = { from: 0, length: trace.duration };
  return (
    <div className="overview" aria-hidden="true">
      <canvas ref={canvas} height={HEIGHT} {...handlers} />
      {marked.length < trace.duration && (
        <i style={{ left: `${percentAt(marked.from, whole)}%`, width: `${(marked.length / whole.length) * 100}%` }} />
      )}
    </div>
  );
}

function picture(canvas: HTMLCanvasElement, rows: Row[], total: number, colour: Paint): void {
  const context = canvas.getContext("2d");
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  if (!context || width === 0 || total <= 0) {
    return;
  }
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  context.scale(scale, scale);
  const thick = Math.max(1, Math.min(4, HEIGHT / rows.length));
  rows.forEach(({ span }, index) => {
    context.fillStyle = colour(span.error ? "" : span.service);
    const length = Math.max(1, (span.duration / total) * width);
    context.fillRect((span.start / total) * width, (index / rows.length) * HEIGHT, length, thick);
  });
}
