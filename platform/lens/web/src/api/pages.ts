/** Lists that lens gives a page at a time. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { address, getJson, type Parameter } from "./http";

interface Page {
  next_cursor: string | null;
}

interface Wanted {
  path: string;
  /** Names the question; where the time moves, `ask` makes it of the present time. */
  search?: string;
  ask?: () => Record<string, Parameter>;
  limit: number;
  /** Whether what is new is looked for; not while older pages are read, which would move. */
  live?: boolean;
}

export const AGAIN_MS = 5_000;

/** The pages of a list, the newest first. */
export function usePages<T extends Page>({ path, search = "", ask = () => ({}), limit, live = true }: Wanted) {
  return useInfiniteQuery({
    queryKey: ["pages", path, search],
    queryFn: ({ pageParam, signal }) =>
      getJson<T>(address(path, { ...ask(), limit, cursor: pageParam as string | undefined }), signal),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (data) => (live && (data?.pages.length ?? 0) <= 1 ? AGAIN_MS : false),
    keepPreviousData: true,
  });
}
