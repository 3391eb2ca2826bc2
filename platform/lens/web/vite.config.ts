import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const lens = process.env.LENS_URL ?? "http://127.0.0.1:7701";

const nothing = fileURLToPath(new URL("./src/dashboard/nothing.ts", import.meta.url));

/** Third parties in chunks of their own, which keep their names while only our code changes. */
const vendors = [
  {
    name: "vendor-base",
    test: /node_modules\/(react|react-dom|scheduler|react-router|react-router-dom|@remix-run\/router|@tanstack\/(react-query|query-core|react-virtual|virtual-core)|use-sync-external-store)\//,
    priority: 3,
  },
  {
    name: "vendor-markdown",
    test: /node_modules\/(react-markdown|remark-[^/]+|rehype-[^/]+|micromark[^/]*|mdast-[^/]+|hast-[^/]+|unist-[^/]+|unified|vfile[^/]*|property-information|html-url-attributes|character-entities[^/]*|decode-named-character-reference|devlop|bail|trough|is-plain-obj|trim-lines|comma-separated-tokens|space-separated-tokens|style-to-[^/]+|inline-style-parser|estree-util-[^/]+|ccount|longest-streak|markdown-table|zwitch|escape-string-regexp|extend|ms|debug)\//,
    priority: 2,
  },
  { name: "vendor-charts", test: /node_modules\//, priority: 1 },
];

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: "@", replacement: fileURLToPath(new URL("./src", import.meta.url)) },
      // Perses' charts register what they need of ECharts; the package's entry would add all the rest.
      { find: /^echarts$/, replacement: "echarts/core" },
      // The fonts of Perses' theme; ours is another.
      { find: /^@fontsource\/lato\/.*/, replacement: nothing },
      // What Perses loads plugins from elsewhere with. Nothing is loaded from elsewhere here.
      { find: /^@module-federation\/enhanced\/runtime$/, replacement: nothing },
      { find: /^@perses-dev\/(dashboards|explore)$/, replacement: nothing },
    ],
  },
  define: { global: "globalThis" },
  server: { proxy: { "/api": lens, "/loki": lens } },
  build: {
    outDir: "../src/lens/static",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Perses' packages do not say that what is not used of them may go: their editors, with CodeMirror and all.
      treeshake: {
        moduleSideEffects: (id) =>
          !/node_modules\/(@perses-dev|@codemirror|@uiw|@lezer|@module-federation|mathjs)\//.test(id),
      },
      output: {
        entryFileNames: "assets/app-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        codeSplitting: { groups: vendors },
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
