/** Light or dark: as the system says until the reader has chosen. */

import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEY = "pharos.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme | null {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : null;
}

function current(): Theme {
  return chosen() ?? (system.matches ? "dark" : "light");
}

/** Put the theme on the document; called before the first paint. */
export function applyTheme(): void {
  document.documentElement.style.colorScheme = chosen() ?? "light dark";
  document.documentElement.dataset.theme = current();
  for (const listener of listeners) {
    listener();
  }
}

export function toggleTheme(): void {
  localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
  applyTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

system.addEventListener("change", applyTheme);
