/** Small parts that several pages use. */

import { type ReactNode, useEffect, useState } from "react";
import { Link } from "react-router-dom";
import type { Health } from "@/api/system";
import { useServiceColour } from "@/app/colours";
import { serviceLink } from "@/model/links";
import { Icon } from "./icons";

export function PageHeader({ title, sub, children }: { title: ReactNode; sub?: ReactNode; children?: ReactNode }) {
  return (
    <header className="page-header">
      <div>
        <h1>{title}</h1>
        {sub && <p className="sub">{sub}</p>}
      </div>
      <div className="page-actions">{children}</div>
    </header>
  );
}

const HEALTH: Record<Health, string> = { ok: "healthy", failing: "failing", down: "down" };

export function HealthBadge({ health }: { health: Health }) {
  return <span className={`badge health-${health}`}>{HEALTH[health]}</span>;
}

export function Badge({ tone, children }: { tone: "ok" | "warn" | "bad" | "plain"; children: ReactNode }) {
  return <span className={`badge tone-${tone}`}>{children}</span>;
}

/** A service's name beside its colour. */
export function ServiceName({ name, linked = false }: { name: string; linked?: boolean }) {
  const colourOf = useServiceColour();
  return (
    <span className="service-name">
      <i style={{ background: colourOf(name) }} aria-hidden="true" />
      {linked ? <Link to={serviceLink(name)}>{name}</Link> : name}
    </span>
  );
}

const COPIED_MS = 1_500;

export function Copy({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = copied ? setTimeout(() => setCopied(false), COPIED_MS) : undefined;
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" className="copy" onClick={copy} aria-label={copied ? "Copied" : label} title={label}>
      <Icon name={copied ? "check" : "copy"} size={14} />
    </button>
  );
}

/** An identifier in full, to be copied. */
export function Identifier({ label, value, children }: { label: string; value: string; children?: ReactNode }) {
  return (
    <span className="identifier">
      <span className="label">{label}</span>
      <code>{children ?? value}</code>
      <Copy text={value} label={`Copy the ${label}`} />
    </span>
  );
}

/** Names and values, one below the other. */
export function Facts({ facts }: { facts: Record<string, ReactNode> }) {
  return (
    <dl className="facts">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
