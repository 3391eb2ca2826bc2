import { useMemo } from "react";
import { Link, useParams } from "react-router-dom";
import { useNow } from "@/api/prometheus";
import { type Service, type System, useSystem } from "@/api/system";
import { useTitle } from "@/app/title";
import { Facts, HealthBadge, PageHeader, ServiceName } from "@/components/parts";
import { Empty, Loaded } from "@/components/states";
import { duration, percent, rate } from "@/format/numbers";
import { dashboardLink, logsLink, tracesLink } from "@/model/links";
import { type Red, redBy, redQuery } from "@/model/red";
import { Dependencies } from "./dependencies";
import { Objectives } from "./objectives";
import { PrometheusNote } from "./prometheus-note";
import { Replicas } from "./replicas";
import { Routes } from "./routes-table";
import { ServiceAlerts } from "./service-alerts";
import { ServiceRecoveries } from "./service-recoveries";
import "./services.css";

const BY = ["service"];

/** One part of the system. */
export function ServicePage() {
  const { name = "" } = useParams();
  useTitle(name);
  const system = useSystem();
  return (
    <Loaded query={system} what={name}>
      {(data) => {
        const service = data.services.find((one) => one.name === name);
        return service ? <Found service={service} system={data} /> : <Unknown name={name} />;
      }}
    </Loaded>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <Empty title={`No part of the system is called ${name}`}>
      <Link to="/services">All services</Link>
    </Empty>
  );
}

function Found({ service, system }: { service: Service; system: System }) {
  const measured = system.prometheus.available;
  const { name } = service;
  return (
    <>
      <PageHeader title={<ServiceName name={name} />} sub={service.description}>
        <HealthBadge health={service.health} />
        {service.kind !== "store" && (
          <>
            <Link className="button" to={tracesLink({ service: name })}>
              Traces
            </Link>
            <Link className="button" to={logsLink({ service: name })}>
              Logs
            </Link>
            <Link className="button" to={dashboardLink("service", { service: name })}>
              Dashboard
            </Link>
          </>
        )}
      </PageHeader>
      {!measured && <PrometheusNote hint={system.prometheus.hint} />}
      {measured && service.kind !== "store" && <Tiles name={name} />}
      <div className="columns">
        <div className="stack">
          <Replicas replicas={service.replicas} />
          <ServiceRecoveries service={name} />
          {service.slos.length > 0 && <Objectives service={service} measured={measured} />}
        </div>
        <div className="stack">
          <About service={service} />
          <Dependencies service={service} services={system.services} />
          {measured && service.kind !== "store" && <ServiceAlerts service={name} />}
        </div>
      </div>
      {measured && service.kind !== "store" && <Routes service={name} />}
    </>
  );
}

function Tiles({ name }: { name: string }) {
  const { data } = useNow(redQuery(BY, name), true);
  const red = useMemo(() => redBy(data ?? [], BY).get(name), [data, name]);
  return (
    <dl className="tiles" data-testid="figures">
      {tilesOf(red).map(([label, value]) => (
        <div className="tile" key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function tilesOf(red: Red | undefined): [string, string][] {
  return [
    ["Requests", red ? rate(red.rate) : "–"],
    ["Errors", red ? percent(red.errors, 2) : "–"],
    ["p50", red ? duration(red.p50 * 1000) : "–"],
    ["p95", red ? duration(red.p95 * 1000) : "–"],
    ["p99", red ? duration(red.p99 * 1000) : "–"],
  ];
}

function About({ service }: { service: Service }) {
  return (
    <section className="card">
      <h2>About</h2>
      <Facts
        facts={{
          Owner: service.owner,
          Pager: service.pager,
          Tier: service.tier,
          Version: <code>{service.version || "–"}</code>,
        }}
      />
    </section>
  );
}
