import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router-dom";
import { useRunbook } from "@/api/documents";
import { isReason } from "@/api/http";
import { useTitle } from "@/app/title";
import { Empty, Loaded, Loading } from "@/components/states";
import { runbookTarget } from "./target";
import "./runbooks.css";

const Markdown = lazy(() => import("@/components/markdown"));

/** What to do when an alert fires. */
export function RunbookPage() {
  const { name = "" } = useParams();
  const query = useRunbook(name);
  useTitle(query.data?.title ?? name);
  if (isReason(query.error, "runbook-unknown")) {
    return (
      <Empty title={`There is no runbook ${name}`}>
        <p>
          They are the files of <code>observability/runbooks</code>. <Link to="/dashboards">All of them</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the runbook">
      {({ markdown }) => (
        <article className="runbook" data-testid="runbook">
          <Suspense fallback={<Loading what="the runbook" />}>
            <Markdown text={markdown} target={runbookTarget} />
          </Suspense>
        </article>
      )}
    </Loaded>
  );
}
