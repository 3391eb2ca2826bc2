import { Link } from "react-router-dom";
import { type MailSummary, useMails } from "@/api/mails";
import { useSelection } from "@/app/selection";
import { useTitle } from "@/app/title";
import { Older } from "@/components/older";
import { PageHeader } from "@/components/parts";
import { Row } from "@/components/row";
import { Empty, Failure, Loading } from "@/components/states";
import { moment } from "@/format/time";
import { mailLink } from "@/model/links";
import "./mails.css";

/** The e-mails that the system has sent. */
export function Mails() {
  useTitle("Mails");
  const query = useMails();
  const mails = query.data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <PageHeader
        title="Mails"
        sub="What notifications sent, newest first. The mail sink keeps all and sends none on."
      />
      {mails === undefined && (query.error ? <Failure error={query.error} /> : <Loading what="mails" />)}
      {mails?.length === 0 && (
        <Empty title="No mail yet">
          <p>
            An order sends one: <code>./just order</code>
          </p>
        </Empty>
      )}
      {mails && mails.length > 0 && <MailTable mails={mails} />}
      <Older query={query} />
    </>
  );
}

function MailTable({ mails }: { mails: MailSummary[] }) {
  const names = mails.map((mail) => mail.id);
  const selected = useSelection(names, mailLink);
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
            <Row key={mail.id} to={mailLink(mail.id)} selected={mail.id === selected} testId="mail-row">
              <td>
                <Link to={mailLink(mail.id)}>{mail.subject || "(no subject)"}</Link>
              </td>
              <td>{mail.recipients.join(", ")}</td>
              <td className="muted nowrap">{moment(Date.parse(mail.received_at))}</td>
            </Row>
          ))}
        </tbody>
      </table>
    </div>
  );
}
