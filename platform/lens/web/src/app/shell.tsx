import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { NavLink, Outlet, useNavigate } from "react-router-dom";
import { isUnreachable } from "@/api/http";
import { useSystem } from "@/api/system";
import { Icon, type IconName } from "@/components/icons";
import { Mark } from "@/components/mark";
import { ColourProvider } from "./colours";
import { ErrorBoundary } from "./failure";
import { useKeys } from "./keys";
import { Shortcuts } from "./shortcuts";
import { toggleTheme, useTheme } from "./theme";

const PAGES: { path: string; name: string; icon: IconName; key: string }[] = [
  { path: "/services", name: "Services", icon: "services", key: "s" },
  { path: "/traces", name: "Traces", icon: "traces", key: "t" },
  { path: "/logs", name: "Logs", icon: "logs", key: "l" },
  { path: "/dashboards", name: "Dashboards", icon: "dashboards", key: "d" },
  { path: "/alerts", name: "Alerts", icon: "alerts", key: "a" },
  { path: "/recoveries", name: "Recoveries", icon: "recoveries", key: "r" },
  { path: "/chaos", name: "Chaos", icon: "chaos", key: "c" },
  { path: "/mails", name: "Mails", icon: "mails", key: "m" },
];

/** Everything around a page. */
export function Shell() {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  useKeys({
    "?": () => setHelp(true),
    t: toggleTheme,
    "/": () => document.querySelector<HTMLElement>("[data-search]")?.focus(),
    ...Object.fromEntries(PAGES.map(({ path, key }) => [`g ${key}`, () => navigate(path)])),
  });
  return (
    <ColourProvider>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className="shell">
        <Navigation onHelp={() => setHelp(true)} />
        <main id="main" tabIndex={-1}>
          <Outage />
          <ErrorBoundary>
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </ColourProvider>
  );
}

function Navigation({ onHelp }: { onHelp: () => void }) {
  return (
    <nav className="side" aria-label="Pages">
      <NavLink to="/services" className="brand" aria-label="Pharos, services">
        <Mark size={22} />
        <span>Pharos</span>
      </NavLink>
      <ul>
        {PAGES.map(({ path, name, icon, key }) => (
          <li key={path}>
            <NavLink to={path} title={`${name} (g ${key})`} data-testid={`nav-${name.toLowerCase()}`}>
              <Icon name={icon} />
              <span>{name}</span>
            </NavLink>
          </li>
        ))}
      </ul>
      <SystemState />
      <div className="side-foot">
        <ThemeToggle />
        <button type="button" className="quiet" onClick={onHelp} title="Keyboard (?)" aria-label="Keyboard shortcuts">
          <Icon name="keyboard" />
        </button>
      </div>
    </nav>
  );
}

function ThemeToggle() {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <button type="button" className="quiet" onClick={toggleTheme} title={`${other} (t)`} data-testid="theme">
      <Icon name={theme === "dark" ? "sun" : "moon"} />
      <span className="visually-hidden">Show it {other}</span>
    </button>
  );
}

function SystemState() {
  const { data, error } = useSystem();
  const unhealthy = data?.services.filter((service) => service.health !== "ok").length ?? 0;
  const state = error ? "down" : unhealthy ? "failing" : "ok";
  const text = error ? "no answer" : unhealthy ? `${unhealthy} not healthy` : "all healthy";
  return (
    <p className="system-state" role="status" data-testid="system-state">
      <i className={`dot health-${data || error ? state : "unknown"}`} aria-hidden="true" />
      {data || error ? text : "…"}
    </p>
  );
}

/** Says that lens is away; when it is back, asks again what could not be answered meanwhile. */
function Outage() {
  const client = useQueryClient();
  const away = isUnreachable(useSystem().error);
  useEffect(() => {
    if (!away) {
      void client.refetchQueries({ predicate: ({ state }) => state.status === "error" });
    }
  }, [away, client]);
  return away ? (
    <p className="outage" role="alert" data-testid="outage">
      lens does not answer; what is shown may be old. Look with <code>./just status</code>, start with{" "}
      <code>./just up</code>. Trying again…
    </p>
  ) : null;
}
