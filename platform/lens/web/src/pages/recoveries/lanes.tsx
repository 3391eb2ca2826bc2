import { Link } from "react-router-dom";
import type { RecoveryRow } from "@/api/recoveries";
import { ServiceName } from "@/components/parts";
import { moment } from "@/format/time";
import { recoveryLink } from "@/model/links";
import { lanesOf } from "@/model/recovery";

interface Props {
  rows: RecoveryRow[];
  startMs: number;
  endMs: number;
}

/** The entries along the time, a lane for each part. The table below says the same, so keys and readers pass it by. */
export function Lanes({ rows, startMs, endMs }: Props) {
  const lanes = lanesOf(rows, startMs, endMs);
  return (
    <div className="card lanes" aria-hidden="true" data-testid="lanes">
      {lanes.map(([service, marks]) => (
        <div className="lane" key={service}>
          <ServiceName name={service} />
          <div className="lane-line">
            {marks.map(({ id, at, tone, title }) => (
              <Link
                key={id}
                to={recoveryLink(id)}
                tabIndex={-1}
                className={`lane-mark tone-${tone}`}
                style={{ left: `${at * 100}%` }}
                title={title}
              />
            ))}
          </div>
        </div>
      ))}
      <div className="lane muted small">
        <span />
        <div className="lane-ends">
          <time>{moment(startMs)}</time>
          <time>{moment(endMs)}</time>
        </div>
      </div>
    </div>
  );
}
