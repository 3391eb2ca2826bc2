import { useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { type DashboardSummary, useDashboards, useRunbooks } from "@/api/documents";
import { useKeys } from "@/app/keys";
import { useTitle } from "@/app/title";
import { Icon } from "@/components/icons";
import { PageHeader } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { dashboardLink, runbookLink, runbookName } from "@/model/links";
import "./dashboards.css";

/** All dashboards, by the team that owns them. */
export function Dashboards() {
  useTitle("Dashboards");
  const [text, setText] = useState("");
  return (
    <>
      <PageHeader title="Dashboards" sub="By the team that owns them.">
        <div className="search-field">
          <Icon name="search" />
          <input
            data-search
            placeholder="Find a dashboard"
            aria-label="Find a dashboard"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      </PageHeader>
      <Loaded query={useDashboards()} what="dashboards">
        {(found) => {
          const boards = found.filter(({ uid }) => runbookName(`/d/${uid}`) === null);
          return <Folders dashboards={boards.filter((one) => matches(one, text))} any={boards.length > 0} />;
        }}
      </Loaded>
      <Runbooks text={text} />
    </>
  );
}

function matches({ title, description, uid, folder }: DashboardSummary, text: string): boolean {
  return [title, description, uid, folder].some((part) => part.toLowerCase().includes(text.trim().toLowerCase()));
}

function Folders({ dashboards, any }: { dashboards: DashboardSummary[]; any: boolean }) {
  const folders = [...new Set(dashboards.map(({ folder }) => folder))];
  const ordered = folders.flatMap((folder) => dashboards.filter((one) => one.folder === folder));
  const selected = useSelection(ordered);
  if (ordered.length === 0) {
    return any ? <Empty title="No dashboard matches" /> : <None />;
  }
  return (
    <div className="folders" data-testid="dashboards">
      {folders.map((folder) => (
        <section className="card" key={folder}>
          <h2>{folder}</h2>
          <ul className="dashboard-list">
            {ordered
              .filter((one) => one.folder === folder)
              .map((one) => (
                <li key={one.uid} className={one.uid === selected ? "selected" : ""}>
                  <Link to={dashboardLink(one.uid)}>{one.title}</Link>
                  <span className="muted">{one.description}</span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** What to do when an alert fires. */
function Runbooks({ text }: { text: string }) {
  const found = (useRunbooks().data ?? []).filter(({ title }) =>
    title.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return found.length === 0 ? null : (
    <section className="card runbook-list" data-testid="runbooks">
      <h2>Runbooks</h2>
      <ul>
        {found.map(({ name, title }) => (
          <li key={name}>
            <Link to={runbookLink(name)}>{title}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useSelection(dashboards: DashboardSummary[]): string | undefined {
  const navigate = useNavigate();
  const [index, setIndex] = useState(-1);
  const selected = dashboards[index];
  useKeys({
    j: () => setIndex((at) => Math.min(at + 1, dashboards.length - 1)),
    k: () => setIndex((at) => Math.max(at - 1, 0)),
    Enter: () => selected && navigate(dashboardLink(selected.uid)),
  });
  return selected?.uid;
}

function None() {
  return (
    <Empty title="No dashboards here">
      <p>
        They are the files <code>dashboards/*/*.json</code> of the checkout; <code>./just dashboards</code> makes them.
      </p>
    </Empty>
  );
}
