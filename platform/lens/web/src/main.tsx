import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router-dom";
import { isUnreachable } from "./api/http";
import { router } from "./app/routes";
import { applyTheme } from "./app/theme";
import "./styles/index.css";

const RETRIES = 2;
const MOST_WAIT_MS = 5_000;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      retry: (failures, error) => isUnreachable(error) && failures < RETRIES,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, MOST_WAIT_MS),
      staleTime: 2_000,
      refetchOnWindowFocus: true,
    },
  },
});

applyTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} future={{ v7_startTransition: true }} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
