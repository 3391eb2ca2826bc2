import { Link, useParams } from "react-router-dom";
import { isReason } from "@/api/http";
import { type Mail, useMail } from "@/api/mails";
import { useTitle } from "@/app/title";
import { Facts, Identifier, PageHeader } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { moment } from "@/format/time";
import { logsLink, tracesLink } from "@/model/links";
import "./mails.css";

const CORRELATION = "x-correlation-id";
const MINUTES = 60_000;

/** One e-mail. Its HTML is shown as text, never as HTML. */
export function MailPage() {
  const { id = "" } = useParams();
  const query = useMail(id);
  useTitle(query.data?.subject ?? "Mail");
  if (isReason(query.error, "mail-unknown")) {
    return (
      <Empty title="This mail is not kept">
        <p>
          The oldest go first. <Link to="/mails">All mails</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the mail">
      {(mail) => <MailView mail={mail} />}
    </Loaded>
  );
}

function MailView({ mail }: { mail: Mail }) {
  const correlation = mail.headers.find(([name]) => name.toLowerCase() === CORRELATION)?.[1] ?? "";
  return (
    <>
      <PageHeader
        title={mail.subject || "(no subject)"}
        sub={correlation && <Identifier label="correlation ID" value={correlation} />}
      >
        {correlation && <Origin correlation={correlation} receivedMs={Date.parse(mail.received_at)} />}
      </PageHeader>
      <article className="card mail" data-testid="mail">
        <Facts
          facts={{
            From: mail.sender,
            To: mail.recipients.join(", "),
            Received: moment(Date.parse(mail.received_at)),
          }}
        />
        <pre className="mail-text">{mail.text || "This mail has no text part."}</pre>
        {mail.html && (
          <details>
            <summary>The HTML part, as text</summary>
            <pre className="mail-source">{mail.html}</pre>
          </details>
        )}
        <details>
          <summary>Headers</summary>
          <Facts facts={Object.fromEntries(mail.headers)} />
        </details>
      </article>
    </>
  );
}

/** Where the mail comes from: the request's trace and its lines, around the time that it came. */
function Origin({ correlation, receivedMs }: { correlation: string; receivedMs: number }) {
  const time = { from: String(receivedMs - 60 * MINUTES), to: String(receivedMs + 10 * MINUTES) };
  return (
    <>
      <Link className="button" to={tracesLink({ text: correlation, ...time })} data-testid="mail-trace">
        Its trace
      </Link>
      <Link className="button" to={logsLink({ correlation, ...time })}>
        Its logs
      </Link>
    </>
  );
}
