const WANTED = 5;

/** Round times from zero on, about five, the end excluded. */
export function ticksOf(total: number): number[] {
  if (!(total > 0)) {
    return [];
  }
  const rough = total / WANTED;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const ticks = Array.from({ length: Math.ceil(total / step) }, (_, index) => index * step);
  return ticks.filter((tick) => tick < total * 0.94);
}
