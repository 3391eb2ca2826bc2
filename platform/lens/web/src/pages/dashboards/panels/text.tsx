import { lazy, Suspense } from "react";
import { rewrite } from "@/dashboard/links";
import type { Panel } from "@/dashboard/model";
import { interpolateText } from "@/dashboard/variables";
import { useDashboardState } from "../context";

const Markdown = lazy(() => import("@/components/markdown"));

/** Text in Markdown. */
export function TextPanel({ panel }: { panel: Panel }) {
  const { values, range } = useDashboardState();
  const text = interpolateText(panel.options.content ?? "", values);
  return (
    <Suspense fallback={<p className="text-body">{text}</p>}>
      <div className="text-body">
        <Markdown text={text} target={(href) => rewrite(href, { values, ...range })} />
      </div>
    </Suspense>
  );
}
