import { useServiceColour } from "@/app/colours";
import { usePaint } from "@/app/paint";
import { colourOf, fieldFor } from "@/dashboard/values";
import { slotColour, slotsOf } from "@/format/colours";
import { type PanelProps, seriesOf } from "./props";

const SERVICE_LABELS = ["service", "service_peer_name"];

/** A colour for each series: the one set for it, its service's, that of its status, or one of the palette. */
export function useSeriesColours(props: PanelProps): string[] {
  const serviceColour = useServiceColour();
  const paint = usePaint();
  const { field, overrides } = props.panel;
  const series = seriesOf(props);
  const services = new Set(series.map(({ labels }) => labels.service ?? ""));
  const slots = slotsOf(series.map(({ name }) => name));
  return series.map(({ name, refId, labels }, index) => {
    const { color } = fieldFor(field, overrides, name, refId);
    const fixed = color?.mode === "fixed" ? colourOf(color.fixedColor) : null;
    const label = SERVICE_LABELS.find((one) => labels[one] && (one !== "service" || services.size > 1));
    const own = label && labels[label] === name ? serviceColour(name) : null;
    const any = byName(color?.mode) ? (slots.get(name) ?? 0) : index;
    return paint(fixed ?? own ?? statusColour(name) ?? slotColour(any));
  });
}

function byName(mode: string | undefined): boolean {
  return mode === "palette-classic-by-name";
}

/** Answers by status: the callers' faults and ours stand out. */
function statusColour(name: string): string | null {
  switch (/^[1-5]\d\d$/.test(name) ? name[0] : "") {
    case "2":
      return `color-mix(in srgb, var(--ok), var(--surface) ${(Number(name) % 10) * 12}%)`;
    case "3":
      return "var(--service-0)";
    case "4":
      return `color-mix(in srgb, var(--warn), var(--surface) ${(Number(name) % 10) * 6}%)`;
    case "5":
      return `color-mix(in srgb, var(--bad), var(--surface) ${(Number(name) % 10) * 8}%)`;
    default:
      return null;
  }
}
