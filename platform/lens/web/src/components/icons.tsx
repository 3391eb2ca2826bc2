/** Icons of our own, drawn on a 16-pixel grid in the text's colour. */

const PATHS = {
  services: "M2 3h5v4H2zM9 3h5v4H9zM2 9h5v4H2zM9 9h5v4H9z",
  traces: "M2 4h7M4 8h8M8 12h6",
  logs: "M2 3.5h12M2 6.5h9M2 9.5h11M2 12.5h6",
  dashboards: "M2 13h12M4 11V8M7.5 11V4M11 11V6.5",
  alerts: "M8 2.5a3.5 3.5 0 0 0-3.5 3.5c0 3.5-1.5 4.5-1.5 5.5h10c0-1-1.5-2-1.5-5.5A3.5 3.5 0 0 0 8 2.5zM6.7 13.5h2.6",
  recoveries: "M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.6h-2.6M5 8.2h1.5l1-2 1.3 3.6 1-1.6H11",
  chaos: "M9 1.8L3.8 9H8l-1 5.2L12.2 7H8z",
  mails: "M2 4h12v8H2zM2 4.5l6 4.3 6-4.3",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  keyboard: "M1.5 4h13v8h-13zM4 6.5h.1M6.6 6.5h.1M9.3 6.5h.1M12 6.5h.1M4.5 9.5h7",
  copy: "M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3",
  check: "M3 8.5l3.2 3.2L13 4.8",
  right: "M6 3.5L10.5 8 6 12.5",
  down: "M3.5 6L8 10.5 12.5 6",
  close: "M4 4l8 8M12 4l-8 8",
  error: "M8 1.8l6.4 11.4H1.6zM8 6.2v3.2M8 11.3v.1",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4L14 14",
  external: "M6 3H3v10h10v-3M9 2.5h4.5V7M13.5 2.5L7.5 8.5",
  play: "M4.5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
