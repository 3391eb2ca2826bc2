import { useQuery } from "@tanstack/react-query";
import { getJson } from "./http";
import { usePages } from "./pages";

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

/** E-mails, newest first, a page at a time. */
export function useMails() {
  return usePages<Page>({ path: "/api/mails", limit: 50 });
}

/** One e-mail. */
export function useMail(id: string) {
  return useQuery({
    queryKey: ["mail", id],
    queryFn: ({ signal }) => getJson<Mail>(`/api/mails/${encodeURIComponent(id)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
