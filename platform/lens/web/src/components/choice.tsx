interface Props {
  label: string;
  /** What choosing nothing is called. */
  all: string;
  value: string;
  values: readonly string[];
  onChange: (value: string) => void;
}

/** One of several values, or none; a chosen one that is unknown stays. */
export function Choice({ label, all, value, values, onChange }: Props) {
  const shown = value && !values.includes(value) ? [value, ...values] : values;
  return (
    <label className="field">
      <span className="visually-hidden">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid={`choose-${label.toLowerCase()}`}
      >
        <option value="">{all}</option>
        {shown.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
