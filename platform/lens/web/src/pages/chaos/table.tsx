import { Link } from "react-router-dom";
import type { Verdict } from "@/api/verdicts";
import { useSelection } from "@/app/selection";
import { Badge } from "@/components/parts";
import { Row } from "@/components/row";
import { moment } from "@/format/time";
import { verdictLink } from "@/model/links";
import { figuresOf } from "@/model/verdict";

/** Verdicts, one a row. */
export function VerdictTable({ verdicts }: { verdicts: Verdict[] }) {
  const names = verdicts.map(({ id }) => id);
  const selected = useSelection(names, verdictLink);
  const [first] = verdicts;
  return (
    <div className="table-wrap">
      <table className="list verdicts" data-testid="verdicts">
        <thead>
          <tr>
            {["Experiment", "Hit", "Verdict"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {first &&
              figuresOf(first).map(({ name, hint }) => (
                <th key={name} scope="col" className="number" title={hint}>
                  {name}
                </th>
              ))}
            <th scope="col">Began</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((verdict) => (
            <VerdictRow key={verdict.id} verdict={verdict} selected={verdict.id === selected} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function VerdictRow({ verdict, selected }: { verdict: Verdict; selected: boolean }) {
  const link = verdictLink(verdict.id);
  return (
    <Row to={link} selected={selected} testId="verdict-row">
      <td>
        <Link to={link}>{verdict.experiment}</Link>
        <span className="muted small block">{verdict.title}</span>
      </td>
      <td className="mono nowrap">{verdict.target || verdict.fault}</td>
      <td>
        <Outcome passed={verdict.passed} />
      </td>
      {figuresOf(verdict).map(({ name, value, tone }) => (
        <td key={name} className={`number ${tone === "bad" ? "bad" : ""}`}>
          {value}
        </td>
      ))}
      <td className="muted nowrap">{moment(verdict.began * 1000)}</td>
    </Row>
  );
}

export function Outcome({ passed }: { passed: boolean }) {
  return <Badge tone={passed ? "ok" : "bad"}>{passed ? "passed" : "failed"}</Badge>;
}
