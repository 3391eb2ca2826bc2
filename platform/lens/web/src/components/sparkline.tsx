/** A line without axes. */

const WIDTH = 96;
const HEIGHT = 22;

export function Sparkline({
  points,
  label,
  tone = "plain",
}: {
  points: [number, number][];
  label: string;
  tone?: string;
}) {
  const shown = points.filter(([, value]) => Number.isFinite(value));
  const path = pathOf(shown);
  return (
    <svg className={`sparkline tone-${tone}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {path && <path className="area" d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />}
      {path && <path className="line" d={path} />}
    </svg>
  );
}

function pathOf(points: [number, number][]): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || points.length < 2) {
    return "";
  }
  const most = Math.max(...points.map(([, value]) => value)) || 1;
  const place = ([time, value]: [number, number]) => {
    const x = ((time - first[0]) / (last[0] - first[0])) * WIDTH;
    return `${x.toFixed(1)} ${(HEIGHT - 2 - (Math.max(0, value) / most) * (HEIGHT - 4)).toFixed(1)}`;
  };
  return `M${points.map(place).join("L")}`;
}
