import { createBrowserRouter, Navigate, type RouteObject } from "react-router-dom";
import { Alerts } from "@/pages/alerts/alerts";
import { Chaos } from "@/pages/chaos/chaos";
import { VerdictPage } from "@/pages/chaos/verdict";
import { DashboardPage } from "@/pages/dashboards/dashboard";
import { Dashboards } from "@/pages/dashboards/list";
import { Logs } from "@/pages/logs/logs";
import { MailPage } from "@/pages/mails/mail";
import { Mails } from "@/pages/mails/mails";
import { NotFound } from "@/pages/not-found";
import { Recoveries } from "@/pages/recoveries/recoveries";
import { RecoveryPage } from "@/pages/recoveries/recovery";
import { RunbookPage } from "@/pages/runbooks/runbook";
import { ServicePage } from "@/pages/services/service";
import { Services } from "@/pages/services/services";
import { TracePage } from "@/pages/trace/trace";
import { Traces } from "@/pages/traces/search";
import { RouteFailure } from "./failure";
import { Shell } from "./shell";

/** All pages are in one small chunk, so that they open at once, also while lens is away; charts are not in it. */
const PAGES: RouteObject[] = [
  { path: "/", element: <Navigate to="/services" replace /> },
  { path: "/services", element: <Services /> },
  { path: "/services/:name", element: <ServicePage /> },
  { path: "/traces", element: <Traces /> },
  { path: "/traces/:traceId", element: <TracePage /> },
  { path: "/trace/:traceId", element: <TracePage /> },
  { path: "/logs", element: <Logs /> },
  { path: "/dashboards", element: <Dashboards /> },
  { path: "/dashboards/:uid", element: <DashboardPage /> },
  { path: "/alerts", element: <Alerts /> },
  { path: "/recoveries", element: <Recoveries /> },
  { path: "/recoveries/:id", element: <RecoveryPage /> },
  { path: "/chaos", element: <Chaos /> },
  { path: "/chaos/:id", element: <VerdictPage /> },
  { path: "/mails", element: <Mails /> },
  { path: "/mails/:id", element: <MailPage /> },
  { path: "/runbooks/:name", element: <RunbookPage /> },
  { path: "*", element: <NotFound /> },
];

export const router = createBrowserRouter(
  [{ element: <Shell />, children: PAGES.map((page) => ({ ...page, errorElement: <RouteFailure /> })) }],
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
