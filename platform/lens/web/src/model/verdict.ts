/** The figures of a verdict as people read them. */

import type { Verdict } from "@/api/verdicts";
import { short } from "@/format/numbers";
import type { Tone } from "./recovery";

export interface Figure {
  name: string;
  value: string;
  /** What it says, for who is not at home here. */
  hint: string;
  tone: Tone;
}

export const NEVER = "–";

export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? NEVER : `${short(value)} s`;
}

/** What must be nought is red where it is not. */
export function figuresOf({ measured, cold_start_seconds }: Verdict): Figure[] {
  const { requests, orders, bystanders } = measured;
  const restarts = bystanders && Object.values(bystanders).reduce((sum, times) => sum + times, 0);
  const cold = cold_start_seconds && measured.recovery_seconds;
  const plain = (name: string, value: string, hint: string): Figure => ({ name, value, hint, tone: "plain" });
  const nought = (name: string, value: number | undefined, hint: string): Figure => ({
    name,
    value: value?.toLocaleString("en") ?? NEVER,
    hint,
    tone: value === undefined ? "plain" : value > 0 ? "bad" : "ok",
  });
  return [
    plain("Noticed after", seconds(measured.detection_seconds), "from the fault until warden noticed"),
    plain("Recovered after", seconds(measured.recovery_seconds), "from the fault until what was hit was well again"),
    plain("÷ cold start", cold ? short(cold / cold_start_seconds) : NEVER, "recovery compared with a first start"),
    plain("Served after", seconds(measured.service_seconds), "from the end of the fault until an order was confirmed"),
    plain(
      "Requests failed",
      requests ? `${requests.failed.toLocaleString("en")} of ${requests.sent.toLocaleString("en")}` : NEVER,
      "of the customers' requests during the run",
    ),
    nought("Orders lost", orders?.lost, "acknowledged and then gone; must be none"),
    nought("Orders doubled", orders?.doubled, "acknowledged once and done twice; must be none"),
    nought("Bystanders' restarts", restarts, "of what nothing was done to; must be none"),
  ];
}
