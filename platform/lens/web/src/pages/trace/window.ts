/** The part of a trace's time that is shown. */

export interface Window {
  /** Milliseconds from the trace's beginning. */
  from: number;
  length: number;
}

/** A place in the window, in percent of its width; what lies outside of it is below 0 or above 100. */
export function percentAt(ms: number, { from, length }: Window): number {
  return ((ms - from) / length) * 100;
}

/** The window between two places of the whole picture, each a share of its width, whichever is first. */
export function windowBetween(a: number, b: number, total: number): Window {
  const [left, right] = [Math.max(0, Math.min(a, b)), Math.min(1, Math.max(a, b))];
  return { from: left * total, length: (right - left) * total };
}
