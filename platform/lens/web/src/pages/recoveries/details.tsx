import { Facts } from "@/components/parts";
import { partsOf, textOf } from "@/model/recovery";

interface Props {
  title: string;
  details: Record<string, unknown>;
  testId: string;
}

/** Whatever belongs to an entry: facts, tables, and lines such as stacks. */
export function Details({ title, details, testId }: Props) {
  const { texts, tables, facts } = partsOf(details);
  if (Object.keys(details).length === 0) {
    return null;
  }
  return (
    <section className="card recovery-details" data-testid={testId}>
      <h2>{title}</h2>
      <Facts facts={facts} />
      {texts.map(([name, text]) => (
        <section key={name}>
          <h3>{name}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
          <pre tabIndex={0}>{text}</pre>
        </section>
      ))}
      {tables.map(([name, table]) => (
        <details key={name}>
          <summary>{name}</summary>
          <Facts facts={Object.fromEntries(Object.entries(table).map(([key, value]) => [key, textOf(value)]))} />
        </details>
      ))}
    </section>
  );
}
