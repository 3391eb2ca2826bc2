import type { ReactNode } from "react";
import { Link } from "react-router-dom";
import { Icon } from "@/components/icons";
import { Badge, Copy, ServiceName } from "@/components/parts";
import { duration } from "@/format/numbers";
import { traceLink } from "@/model/links";
import type { Attributes } from "@/model/otlp";
import type { Span, Trace } from "@/model/trace";
import { SpanLogs } from "./span-logs";

const TABS = ["Attributes", "Events", "Links", "Logs"] as const;
export type Tab = (typeof TABS)[number];

interface Props {
  trace: Trace;
  span: Span;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onClose: () => void;
}

/** All that is known of a span. */
export function SpanPanel({ trace, span, tab, onTab, onClose }: Props) {
  const counts: Partial<Record<Tab, number>> = { Events: span.events.length, Links: span.links.length };
  return (
    <aside className="span-panel" aria-label="Span" data-testid="span-panel">
      <Head span={span} onClose={onClose} />
      <div role="tablist" className="tabs" aria-label="About the span">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            onClick={() => onTab(name)}
            data-testid={`tab-${name.toLowerCase()}`}
          >
            {name}
            {counts[name] !== undefined && <em>{counts[name]}</em>}
          </button>
        ))}
      </div>
      <div className="tab-body" role="tabpanel">
        {tab === "Attributes" && <AttributesTab span={span} />}
        {tab === "Events" && <EventsTab span={span} />}
        {tab === "Links" && <LinksTab span={span} />}
        {tab === "Logs" && <SpanLogs trace={trace} span={span} />}
      </div>
    </aside>
  );
}

function Head({ span, onClose }: { span: Span; onClose: () => void }) {
  return (
    <header>
      <div className="panel-title">
        <h2>{span.name}</h2>
        <button type="button" className="quiet" onClick={onClose} aria-label="Close (Esc)">
          <Icon name="close" size={14} />
        </button>
      </div>
      <p className="panel-facts">
        <ServiceName name={span.service} linked />
        <Badge tone="plain">{span.kind}</Badge>
        {span.error && <Badge tone="bad">error</Badge>}
        <span>{duration(span.duration)}</span>
        <span className="muted">from {duration(span.start)}</span>
      </p>
      {span.message && <p className="panel-message">{span.message}</p>}
      <p className="panel-id">
        <code>{span.id}</code>
        <Copy text={span.id} label="Copy the span ID" />
        <Copy text={window.location.href} label="Copy the link to this span" />
      </p>
    </header>
  );
}

function AttributesTab({ span }: { span: Span }) {
  return (
    <>
      <AttributeTable attributes={span.attributes} />
      <details open>
        <summary>Process</summary>
        <AttributeTable attributes={span.resource} />
      </details>
    </>
  );
}

export function AttributeTable({ attributes }: { attributes: Attributes }) {
  const entries = Object.entries(attributes);
  return entries.length === 0 ? (
    <p className="muted">None.</p>
  ) : (
    <table className="attributes">
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Value text={value} />
              <Copy text={value} label={`Copy ${name}`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ text }: { text: string }): ReactNode {
  return text.includes("\n") ? <pre>{text}</pre> : <span className="mono">{text}</span>;
}

function EventsTab({ span }: { span: Span }) {
  return span.events.length === 0 ? (
    <p className="muted">No event in this span.</p>
  ) : (
    span.events.map((event, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity and never move
      <section key={index} className="event-card">
        <h3>
          {event.name} <span className="muted small">after {duration(event.at - span.start)}</span>
        </h3>
        <AttributeTable attributes={event.attributes} />
      </section>
    ))
  );
}

function LinksTab({ span }: { span: Span }) {
  return span.links.length === 0 ? (
    <p className="muted">No link to another span.</p>
  ) : (
    span.links.map((link) => (
      <section key={`${link.traceId}${link.spanId}`} className="event-card">
        <Link className="mono" to={traceLink(link.traceId, link.spanId)}>
          {link.traceId}
        </Link>
        <AttributeTable attributes={link.attributes} />
      </section>
    ))
  );
}
