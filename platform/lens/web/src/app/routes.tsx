import { createBrowserRouter, Navigate } from "react-router-dom";
import { NotFound } from "@/pages/not-found";
import { Services } from "@/pages/services/services";
import { Shell } from "./shell";

/** Every page but the first is loaded when it is asked for. */
export const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      children: [
        { path: "/", element: <Navigate to="/services" replace /> },
        { path: "/services", element: <Services /> },
        {
          path: "/services/:name",
          lazy: async () => ({ Component: (await import("@/pages/services/service")).ServicePage }),
        },
        { path: "/traces", lazy: async () => ({ Component: (await import("@/pages/traces/search")).Traces }) },
        {
          path: "/traces/:traceId",
          lazy: async () => ({ Component: (await import("@/pages/trace/trace")).TracePage }),
        },
        {
          path: "/trace/:traceId",
          lazy: async () => ({ Component: (await import("@/pages/trace/trace")).TracePage }),
        },
        { path: "/logs", lazy: async () => ({ Component: (await import("@/pages/logs/logs")).Logs }) },
        {
          path: "/dashboards",
          lazy: async () => ({ Component: (await import("@/pages/dashboards/list")).Dashboards }),
        },
        {
          path: "/dashboards/:uid",
          lazy: async () => ({ Component: (await import("@/pages/dashboards/dashboard")).DashboardPage }),
        },
        { path: "/alerts", lazy: async () => ({ Component: (await import("@/pages/alerts/alerts")).Alerts }) },
        { path: "/mails", lazy: async () => ({ Component: (await import("@/pages/mails/mails")).Mails }) },
        { path: "/mails/:id", lazy: async () => ({ Component: (await import("@/pages/mails/mail")).MailPage }) },
        {
          path: "/runbooks/:name",
          lazy: async () => ({ Component: (await import("@/pages/runbooks/runbook")).RunbookPage }),
        },
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
