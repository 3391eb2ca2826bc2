import { count } from "@/format/numbers";

interface Props {
  query: { hasNextPage?: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The end of a list that has older pages. */
export function Older({ query: { hasNextPage, isFetchingNextPage, fetchNextPage } }: Props) {
  return hasNextPage ? (
    <p className="list-end">
      <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()} data-testid="older">
        Show older ones
      </button>
    </p>
  ) : null;
}

/** How many are shown, and of how many. */
export function shownOf(shown: number, total: number): string {
  return shown < total ? `${shown.toLocaleString("en")} of ${count(total, "row")}` : count(total, "row");
}
