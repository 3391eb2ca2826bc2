import type { ReactNode } from "react";
import { count } from "@/format/numbers";

/** Says that something stored could not be understood; the children say what that means. */
export function Unreadable({ what, times, children }: { what: string; times: number; children: ReactNode }) {
  return times > 0 ? (
    <p className="note" role="note" data-testid="unreadable">
      {count(times, what)} could not be read. {children}
    </p>
  ) : null;
}
