import type { ComponentType } from "react";
import { createBrowserRouter, Navigate, type RouteObject } from "react-router-dom";
import { NotFound } from "@/pages/not-found";
import { Services } from "@/pages/services/services";
import { RouteFailure } from "./failure";
import { Shell } from "./shell";

type Load = () => Promise<ComponentType>;

const trace: Load = async () => (await import("@/pages/trace/trace")).TracePage;

/** Every page but the first comes when it is asked for, or when the browser has nothing else to do. */
const PAGES: Record<string, Load> = {
  "/services/:name": async () => (await import("@/pages/services/service")).ServicePage,
  "/traces": async () => (await import("@/pages/traces/search")).Traces,
  "/traces/:traceId": trace,
  "/trace/:traceId": trace,
  "/logs": async () => (await import("@/pages/logs/logs")).Logs,
  "/dashboards": async () => (await import("@/pages/dashboards/list")).Dashboards,
  "/dashboards/:uid": async () => (await import("@/pages/dashboards/dashboard")).DashboardPage,
  "/alerts": async () => (await import("@/pages/alerts/alerts")).Alerts,
  "/mails": async () => (await import("@/pages/mails/mails")).Mails,
  "/mails/:id": async () => (await import("@/pages/mails/mail")).MailPage,
  "/runbooks/:name": async () => (await import("@/pages/runbooks/runbook")).RunbookPage,
};

const pages = Object.entries(PAGES).map(
  ([path, load]): RouteObject => ({
    path,
    lazy: async () => ({ Component: await load() }),
    errorElement: <RouteFailure />,
  }),
);

/** Fetch what the other pages need, so that they open at once, also while lens is away. */
export function prefetchPages(): void {
  for (const load of Object.values(PAGES)) {
    void load().catch(() => undefined);
  }
}

export const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      errorElement: <RouteFailure />,
      children: [
        { path: "/", element: <Navigate to="/services" replace /> },
        { path: "/services", element: <Services />, errorElement: <RouteFailure /> },
        ...pages,
        { path: "*", element: <NotFound /> },
      ],
    },
  ],
  {
    future: {
      v7_relativeSplatPath: true,
      v7_fetcherPersist: true,
      v7_normalizeFormMethod: true,
      v7_partialHydration: true,
      v7_skipActionErrorRevalidation: true,
    },
  },
);
