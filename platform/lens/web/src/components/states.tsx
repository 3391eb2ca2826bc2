/** What a page shows while it has nothing, and when something failed. */

import type { ReactNode } from "react";
import { isUnreachable, Problem } from "@/api/http";
import { Icon } from "./icons";

export function Loading({ what }: { what: string }) {
  return (
    <p className="state loading" role="status">
      Loading {what}…
    </p>
  );
}

/** Nothing to show; the children say what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state empty" data-testid="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failure({ error }: { error: unknown }) {
  const unreachable = isUnreachable(error);
  return (
    <div className="state failure" role="alert" data-testid="failure">
      <Icon name="error" />
      <div>
        <strong>{unreachable ? "lens does not answer" : messageOf(error)}</strong>
        {unreachable && (
          <p>
            See how the system is with <code>./just status</code>; this page tries again by itself.
          </p>
        )}
      </div>
    </div>
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Problem || error instanceof Error ? error.message : String(error);
}

/** The body of a view: loading, failed, or there. What was there before an outage stays. */
export function Loaded<T>({
  query,
  what,
  children,
}: {
  query: { data: T | undefined; error: unknown; isLoading: boolean };
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return <>{children(query.data)}</>;
  }
  return query.error ? <Failure error={query.error} /> : <Loading what={what} />;
}
