import type { Window } from "./window";

const WANTED = 5;

/** Round times in a window, about five, none so near to its end that there is no room for its text. */
export function ticksOf({ from, length }: Window): number[] {
  if (!(length > 0)) {
    return [];
  }
  const rough = length / WANTED;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.ceil(length / step) + 1 }, (_, index) => (first + index) * step);
  return ticks.filter((tick) => tick < from + length * 0.94);
}
