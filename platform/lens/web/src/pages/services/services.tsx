import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { useNow, useRecent } from "@/api/prometheus";
import { type Kind, type Service, useSystem } from "@/api/system";
import { useKeys } from "@/app/keys";
import { useTitle } from "@/app/title";
import { HealthBadge, PageHeader, ServiceName } from "@/components/parts";
import { Sparkline } from "@/components/sparkline";
import { Loaded } from "@/components/states";
import { duration, percent, rate } from "@/format/numbers";
import { serviceLink } from "@/model/links";
import { RATES, type Red, redBy, redQuery } from "@/model/red";
import { PrometheusNote } from "./prometheus-note";
import "./services.css";

const KINDS: [Kind, string][] = [
  ["service", "Services"],
  ["platform", "Platform"],
  ["store", "Stores"],
];
const BY = ["service"];

/** Every part of the system and how it is. */
export function Services() {
  useTitle("Services");
  const system = useSystem();
  return (
    <>
      <PageHeader title="Services" sub="Health is asked every few seconds; figures are of the last five minutes." />
      <Loaded query={system} what="the services">
        {({ services, prometheus }) => (
          <>
            {!prometheus.available && <PrometheusNote hint={prometheus.hint} />}
            <ServiceTable services={services} measured={prometheus.available} />
          </>
        )}
      </Loaded>
    </>
  );
}

function ServiceTable({ services, measured }: { services: Service[]; measured: boolean }) {
  const figures = useNow(redQuery(BY), measured);
  const recent = useRecent(RATES, measured);
  const red = useMemo(() => redBy(figures.data ?? [], BY), [figures.data]);
  const lines = useMemo(
    () => new Map(recent.data?.map(({ labels, points }) => [labels.service, points])),
    [recent.data],
  );
  const ordered = KINDS.flatMap(([kind]) => services.filter((service) => service.kind === kind));
  const selected = useSelection(ordered.map(({ name }) => name));
  return (
    <div className="table-wrap">
      <table className="list services" data-testid="services">
        <Head />
        {KINDS.filter(([kind]) => services.some((one) => one.kind === kind)).map(([kind, title]) => (
          <tbody key={kind}>
            <tr className="group">
              <th colSpan={10} scope="rowgroup">
                {title}
              </th>
            </tr>
            {services
              .filter((service) => service.kind === kind)
              .map((service) => (
                <ServiceRow
                  key={service.name}
                  service={service}
                  red={red.get(service.name)}
                  points={lines.get(service.name) ?? []}
                  selected={service.name === selected}
                />
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** The row that j and k move; Enter opens it. */
function useSelection(names: string[]): string | undefined {
  const navigate = useNavigate();
  const [index, setIndex] = useState(-1);
  useKeys({
    j: () => setIndex((at) => Math.min(at + 1, names.length - 1)),
    k: () => setIndex((at) => Math.max(at - 1, 0)),
    Enter: () => names[index] && navigate(serviceLink(names[index])),
  });
  return names[index];
}

function Head() {
  const right = ["Rate", "", "Errors", "p50", "p95", "p99"];
  return (
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Health</th>
        {right.map((name, index) => (
          <th key={name || index} scope="col" className={name ? "number" : ""}>
            {name || <span className="visually-hidden">Requests, last half hour</span>}
          </th>
        ))}
        <th scope="col">Version</th>
        <th scope="col">Owner</th>
      </tr>
    </thead>
  );
}

interface RowProps {
  service: Service;
  red: Red | undefined;
  points: [number, number][];
  selected: boolean;
}

function ServiceRow({ service, red, points, selected }: RowProps) {
  const navigate = useNavigate();
  const up = service.replicas.filter((replica) => replica.health === "ok").length;
  const none = service.kind === "store" ? "" : "–";
  const restarts = service.replicas.reduce((sum, replica) => sum + replica.restarts, 0);
  return (
    <tr
      className={selected ? "selected" : ""}
      onClick={() => navigate(serviceLink(service.name))}
      data-testid={`service-${service.name}`}
    >
      <td className="what">
        <ServiceName name={service.name} linked />
        <span className="description">{service.description}</span>
      </td>
      <td className="nowrap">
        <HealthBadge health={service.health} />
        <Link className="replicas" to={serviceLink(service.name)} tabIndex={-1}>
          {service.replicas.length ? `${up}/${service.replicas.length}` : "none runs"}
          {restarts > 0 && <em> {restarts} restarts</em>}
        </Link>
      </td>
      <td className="number">{red ? rate(red.rate) : none}</td>
      <td>
        {points.length > 1 && <Sparkline points={points} label={`Requests to ${service.name}, last half hour`} />}
      </td>
      <td className={`number ${red && red.errors > 0.001 ? "bad" : ""}`}>{red ? percent(red.errors, 2) : none}</td>
      <td className="number">{red ? duration(red.p50 * 1000) : none}</td>
      <td className="number">{red ? duration(red.p95 * 1000) : none}</td>
      <td className="number">{red ? duration(red.p99 * 1000) : none}</td>
      <td className="mono">{service.version}</td>
      <td className="muted">{service.owner}</td>
    </tr>
  );
}
