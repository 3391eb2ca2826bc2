import { useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { type MailSummary, useMails } from "@/api/mails";
import { useKeys } from "@/app/keys";
import { useTitle } from "@/app/title";
import { PageHeader } from "@/components/parts";
import { Empty, Failure, Loading } from "@/components/states";
import { moment } from "@/format/time";
import { mailLink } from "@/model/links";
import "./mails.css";

/** The e-mails that the system has sent. */
export function Mails() {
  useTitle("Mails");
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useMails();
  const mails = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <PageHeader
        title="Mails"
        sub="What notifications sent, newest first. The mail sink keeps all and sends none on."
      />
      {mails === undefined && (error ? <Failure error={error} /> : <Loading what="mails" />)}
      {mails?.length === 0 && (
        <Empty title="No mail yet">
          <p>
            An order sends one: <code>./just order</code>
          </p>
        </Empty>
      )}
      {mails && mails.length > 0 && <MailTable mails={mails} />}
      {hasNextPage && (
        <p className="list-end">
          <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </button>
        </p>
      )}
    </>
  );
}

function MailTable({ mails }: { mails: MailSummary[] }) {
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const at = mails.findIndex((mail) => mail.id === id);
  const move = (to: number) => setId(mails[Math.max(0, Math.min(to, mails.length - 1))]?.id ?? "");
  useKeys({
    j: () => move(at + 1),
    k: () => move(at - 1),
    Enter: () => id && navigate(mailLink(id)),
  });
  return (
    <div className="table-wrap">
      <table className="list" data-testid="mails">
        <thead>
          <tr>
            <th scope="col">Subject</th>
            <th scope="col">To</th>
            <th scope="col">Received</th>
          </tr>
        </thead>
        <tbody>
          {mails.map((mail) => (
            <tr
              key={mail.id}
              className={mail.id === id ? "selected" : ""}
              onClick={() => navigate(mailLink(mail.id))}
              data-testid="mail-row"
            >
              <td>
                <Link to={mailLink(mail.id)}>{mail.subject || "(no subject)"}</Link>
              </td>
              <td>{mail.recipients.join(", ")}</td>
              <td className="muted nowrap">{moment(Date.parse(mail.received_at))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
