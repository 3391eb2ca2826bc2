/** Numbers as people read them. */

const MS = [
  { limit: 1e-3, divisor: 1e-6, unit: "ns" },
  { limit: 1, divisor: 1e-3, unit: "µs" },
  { limit: 1_000, divisor: 1, unit: "ms" },
  { limit: 60_000, divisor: 1_000, unit: "s" },
];

/** Three significant digits, without trailing zeros. */
export function short(value: number): string {
  if (!Number.isFinite(value)) {
    return "–";
  }
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** A duration given in milliseconds. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) {
    return "–";
  }
  if (ms === 0) {
    return "0 ms";
  }
  const fitting = MS.find(({ limit }) => Math.abs(ms) < limit);
  return fitting ? `${short(ms / fitting.divisor)} ${fitting.unit}` : span(ms / 1000);
}

/** A long time given in seconds, by its two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor((whole % 86_400) / 3_600), "h"],
    [Math.floor((whole % 3_600) / 60), "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) {
    return "0 s";
  }
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** A share between 0 and 1 as percent. */
export function percent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) {
    return "–";
  }
  const text = (share * 100).toFixed(digits);
  return `${share > 0 && Number(text) === 0 ? `<${10 ** -digits}` : Number(text)} %`;
}

/** Something a second. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) {
    return "–";
  }
  return perSecond === 0 ? "idle" : `${perSecond < 0.01 ? "<0.01" : short(perSecond)}/s`;
}

/** A count with its word: 1 span, 2 spans. */
export function count(number: number, word: string): string {
  return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
}
