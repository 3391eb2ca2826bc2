import { useEffect, useRef } from "react";
import { useServiceColour } from "@/app/colours";
import { type Paint, usePaint } from "@/app/paint";
import type { Row, Trace } from "@/model/trace";

const HEIGHT = 44;

interface Props {
  trace: Trace;
  rows: Row[];
  onPick: (index: number) => void;
}

/** The whole trace in small; a click goes to what is there. */
export function Overview({ trace, rows, onPick }: Props) {
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
  const pick = (event: React.MouseEvent<HTMLCanvasElement>) => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    onPick(Math.floor(((event.clientY - top) / height) * rows.length));
  };
  return (
    <div className="overview" aria-hidden="true">
      <canvas ref={canvas} height={HEIGHT} onClick={pick} />
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
