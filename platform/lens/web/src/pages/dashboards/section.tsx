import { useState } from "react";
import { Icon } from "@/components/icons";
import type { Section } from "@/dashboard/model";
import { interpolateText } from "@/dashboard/variables";
import { useDashboardState } from "./context";
import { PanelView } from "./panel";

/** A row of panels under its title. */
export function SectionView({ section }: { section: Section }) {
  const { values } = useDashboardState();
  const [open, setOpen] = useState(!section.collapsed);
  return (
    <section className="dashboard-section">
      {section.title && (
        <h2>
          <button type="button" className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? "down" : "right"} size={12} /> {interpolateText(section.title, values)}
          </button>
        </h2>
      )}
      {open && (
        <div className="panel-grid">
          {section.panels.map((panel) => (
            <PanelView key={panel.id} panel={panel} />
          ))}
        </div>
      )}
    </section>
  );
}
