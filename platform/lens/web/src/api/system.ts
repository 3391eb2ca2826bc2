import { useQuery } from "@tanstack/react-query";
import { getJson } from "./http";

export type Health = "ok" | "failing" | "down";
export type Kind = "service" | "platform" | "store";

export interface Replica {
  instance: string;
  port: number;
  health: Health;
  restarts: number;
  started: number | null;
}

export interface Slo {
  name: string;
  kind: string;
  objective: number;
  threshold_ms: number | null;
  route: string | null;
  window_days: number;
}

export interface Service {
  name: string;
  description: string;
  owner: string;
  pager: string;
  tier: number;
  kind: Kind;
  version: string;
  health: Health;
  replicas: Replica[];
  slos: Slo[];
  calls: string[];
  publishes: string[];
  consumes: string[];
}

export interface System {
  mode: string;
  services: Service[];
  prometheus: { available: boolean; url: string | null; hint: string };
}

const LOOK_MS = 5_000;
const AGAIN_MS = 1_500;

/** Every part of the system, looked at again every few seconds. Its failure is how we know that lens is away. */
export function useSystem() {
  return useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => getJson<System>("/api/console/system", signal),
    refetchInterval: (_, { state }) => (state.status === "error" ? AGAIN_MS : LOOK_MS),
    retry: false,
  });
}
