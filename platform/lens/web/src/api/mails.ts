import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { address, getJson } from "./http";

export interface MailSummary {
  id: string;
  message_id: string;
  sender: string;
  recipients: string[];
  subject: string;
  received_at: string;
}

export interface Mail extends MailSummary {
  headers: [string, string][];
  text: string;
  html: string;
}

interface Page {
  items: MailSummary[];
  next_cursor: string | null;
}

const PAGE = 50;

/** E-mails, newest first, a page at a time. */
export function useMails() {
  return useInfiniteQuery({
    queryKey: ["mails"],
    queryFn: ({ pageParam, signal }) =>
      getJson<Page>(address("/api/mails", { limit: PAGE, cursor: pageParam as string | undefined }), signal),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (data) => (data && data.pages.length > 1 ? false : 5_000),
  });
}

/** One e-mail. */
export function useMail(id: string) {
  return useQuery({
    queryKey: ["mail", id],
    queryFn: ({ signal }) => getJson<Mail>(`/api/mails/${encodeURIComponent(id)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
