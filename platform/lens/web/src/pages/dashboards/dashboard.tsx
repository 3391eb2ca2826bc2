import { useMemo } from "react";
import { Link, useParams } from "react-router-dom";
import { useDashboard, useDashboards } from "@/api/documents";
import { isReason } from "@/api/http";
import { useSystem } from "@/api/system";
import { useTitle } from "@/app/title";
import { PageHeader } from "@/components/parts";
import { RangePicker, useParameters } from "@/components/range-picker";
import { Empty, Loaded, Loading } from "@/components/states";
import type { Dashboard } from "@/dashboard/model";
import { rangeOf } from "@/model/range";
import { PrometheusNote } from "@/pages/services/prometheus-note";
import { DashboardContext } from "./context";
import { DashboardLinks } from "./dashboard-links";
import { SectionView } from "./section";
import { useVariables } from "./use-variables";
import { VariableBar } from "./variable-bar";
import "./dashboards.css";

/** One dashboard. */
export function DashboardPage() {
  const { uid = "" } = useParams();
  const query = useDashboard(uid);
  useTitle(query.data?.title ?? "Dashboard");
  if (isReason(query.error, "dashboard-unknown")) {
    return (
      <Empty title="There is no such dashboard">
        <p>
          None has the uid <code>{uid}</code>. <Link to="/dashboards">All dashboards</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Loaded query={query} what="the dashboard">
      {(dashboard) => <View key={dashboard.uid} dashboard={dashboard} />}
    </Loaded>
  );
}

function View({ dashboard }: { dashboard: Dashboard }) {
  const { parameters, change } = useParameters();
  const prometheus = useSystem().data?.prometheus;
  const measured = prometheus?.available === true;
  const variables = useVariables(dashboard.variables, measured);
  const fallback = useMemo(() => ({ from: dashboard.from, to: dashboard.to }), [dashboard]);
  const range = useMemo(() => rangeOf(parameters, fallback), [parameters, fallback]);
  const state = {
    dashboard,
    measured,
    values: variables.values,
    range,
    setRange: (to: typeof range) => change({ ...to }, false),
  };
  return (
    <DashboardContext.Provider value={state}>
      <PageHeader title={dashboard.title} sub={dashboard.description}>
        <VariableBar definitions={dashboard.variables} variables={variables} />
        <RangePicker fallback={fallback} />
      </PageHeader>
      <DashboardLinks dashboards={useDashboards().data ?? []} />
      {prometheus && !measured && <PrometheusNote hint={prometheus.hint} />}
      {prometheus && variables.settled ? (
        <div data-testid="dashboard">
          {dashboard.sections.map((section, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: sections have no identity and never move
            <SectionView key={index} section={section} />
          ))}
        </div>
      ) : (
        <Loading what="the dashboard" />
      )}
    </DashboardContext.Provider>
  );
}
