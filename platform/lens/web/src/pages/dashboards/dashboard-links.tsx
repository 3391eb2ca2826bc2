import { Link } from "react-router-dom";
import type { DashboardSummary } from "@/api/documents";
import { address } from "@/api/http";
import { Menu } from "@/components/menu";
import type { GrafanaLink } from "@/dashboard/grafana";
import { rewrite } from "@/dashboard/links";
import { ALL, type Values } from "@/dashboard/variables";
import { dashboardLink, runbookLink, runbookName } from "@/model/links";
import { type DashboardState, useDashboardState } from "./context";

/** Links from a dashboard to others. */
export function DashboardLinks({ dashboards }: { dashboards: DashboardSummary[] }) {
  const state = useDashboardState();
  const { links, uid } = state.dashboard;
  return links.length === 0 ? null : (
    <nav className="dashboard-links" aria-label="Other dashboards">
      {links.map((link) =>
        link.type === "dashboards" ? (
          <Tagged key={link.title} link={link} dashboards={dashboards} />
        ) : (
          <Plain key={link.title} link={link} state={state} current={link.url === `/d/${uid}`} />
        ),
      )}
    </nav>
  );
}

function Plain({ link, state, current }: { link: GrafanaLink; state: DashboardState; current: boolean }) {
  const target = rewrite(link.url ?? "", { values: state.values, ...state.range });
  return target ? (
    <Link to={withState(target, link, state)} aria-current={current ? "page" : undefined}>
      {link.title}
    </Link>
  ) : null;
}

/** The target with the variables and the time of this dashboard, as far as the link wants them. */
function withState(target: string, link: GrafanaLink, { values, range, dashboard }: DashboardState): string {
  const time = link.keepTime && (range.from !== dashboard.from || range.to !== dashboard.to) ? { ...range } : {};
  const [path = "", query = ""] = target.split("?");
  const given = Object.fromEntries(new URLSearchParams(query));
  return address(path, { ...(link.includeVars ? variablesOf(values) : {}), ...time, ...given });
}

function variablesOf(values: Values): Record<string, string[]> {
  const chosen = [...values].filter(([, value]) => !value.chosen.includes(ALL));
  return Object.fromEntries(chosen.map(([name, value]) => [`var-${name}`, value.chosen]));
}

function Tagged({ link, dashboards }: { link: GrafanaLink; dashboards: DashboardSummary[] }) {
  const found = dashboards.filter(({ tags }) => (link.tags ?? []).every((tag) => tags.includes(tag)));
  return found.length === 0 ? null : (
    <Menu title={link.title}>
      {() =>
        found.map(({ uid, title }) => {
          const runbook = runbookName(`/d/${uid}`);
          return (
            <Link key={uid} to={runbook ? runbookLink(runbook) : dashboardLink(uid)}>
              {title}
            </Link>
          );
        })
      }
    </Menu>
  );
}
