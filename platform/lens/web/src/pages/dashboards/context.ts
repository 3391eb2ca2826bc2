import { createContext, useContext } from "react";
import type { Dashboard } from "@/dashboard/model";
import type { Values } from "@/dashboard/variables";
import type { Range } from "@/model/range";

export interface DashboardState {
  dashboard: Dashboard;
  /** Whether there is a Prometheus to ask. */
  measured: boolean;
  values: Values;
  range: Range;
  setRange: (range: Range) => void;
}

export const DashboardContext = createContext<DashboardState | null>(null);

/** The dashboard that a panel is on. */
export function useDashboardState(): DashboardState {
  const state = useContext(DashboardContext);
  if (!state) {
    throw new Error("a panel stands outside of a dashboard");
  }
  return state;
}
