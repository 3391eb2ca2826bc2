/** Stands for modules that Perses imports to load plugins from elsewhere, which is not done here; see vite.config.ts. */

export function createInstance(): never {
  throw new Error("plugins are not loaded from elsewhere");
}
