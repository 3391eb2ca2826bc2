import { useEffect, useRef } from "react";
import { useServiceColour } from "@/app/colours";
import { useTheme } from "@/app/theme";
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
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colours mean
  useEffect(() => {
    const element = canvas.current;
    if (!element) {
      return;
    }
    const draw = () => paint(element, rows, trace.duration, colourOf);
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rows, trace, colourOf, theme]);
  const pick = (event: React.MouseEvent<HTMLCanvasElement>) => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    onPick(Math.floor(((event.clientY - top) / height) * rows.length));
  };
  return <canvas ref={canvas} className="overview" height={HEIGHT} onClick={pick} />;
}

function paint(canvas: HTMLCanvasElement, rows: Row[], total: number, colourOf: (service: string) => string): void {
  const context = canvas.getContext("2d");
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  if (!context || width === 0 || total <= 0) {
    return;
  }
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  context.scale(scale, scale);
  const colours = new Map<string, string>();
  const thick = Math.max(1, Math.min(4, HEIGHT / rows.length));
  rows.forEach(({ span }, index) => {
    const name = span.error ? "" : span.service;
    const colour = colours.get(name) ?? resolved(canvas, name ? colourOf(name) : "var(--bad)");
    colours.set(name, colour);
    context.fillStyle = colour;
    context.fillRect(
      (span.start / total) * width,
      (index / rows.length) * HEIGHT,
      Math.max(1, (span.duration / total) * width),
      thick,
    );
  });
}

/** What a colour of the style sheet is at present; a canvas knows no variables. */
function resolved(element: HTMLElement, colour: string): string {
  element.style.color = colour;
  return getComputedStyle(element).color;
}
