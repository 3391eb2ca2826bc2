import type { Service } from "@/api/system";
import { ServiceName } from "@/components/parts";

/** Whom the part calls and who calls it, and the events between them. */
export function Dependencies({ service, services }: { service: Service; services: Service[] }) {
  const callers = services.filter((one) => one.calls.includes(service.name)).map((one) => one.name);
  const hears = (event: string) => services.filter((one) => one.consumes.includes(event)).map((one) => one.name);
  const tells = (event: string) => services.filter((one) => one.publishes.includes(event)).map((one) => one.name);
  const { calls, publishes, consumes } = service;
  if (callers.length + calls.length + publishes.length + consumes.length === 0) {
    return null;
  }
  return (
    <section className="card" data-testid="dependencies">
      <h2>Dependencies</h2>
      <dl className="facts">
        <Names title="Calls" names={calls} />
        <Names title="Called by" names={callers} />
        <Events title="Publishes" events={publishes} others={hears} arrow="→" />
        <Events title="Consumes" events={consumes} others={tells} arrow="←" />
      </dl>
    </section>
  );
}

function Names({ title, names }: { title: string; names: string[] }) {
  return names.length === 0 ? null : (
    <div>
      <dt>{title}</dt>
      <dd>
        <ul className="chips">
          {names.map((name) => (
            <li key={name}>
              <ServiceName name={name} linked />
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}

interface EventsProps {
  title: string;
  events: string[];
  others: (event: string) => string[];
  arrow: string;
}

function Events({ title, events, others, arrow }: EventsProps) {
  return events.length === 0 ? null : (
    <div>
      <dt>{title}</dt>
      <dd>
        {events.map((event) => (
          <div className="event" key={event}>
            <code>{event}</code>
            {others(event).map((name) => (
              <span className="muted" key={name}>
                {" "}
                {arrow} <ServiceName name={name} linked />
              </span>
            ))}
          </div>
        ))}
      </dd>
    </div>
  );
}
