import { useEffect, useRef } from "react";

const GROUPS: { title: string; keys: [string, string][] }[] = [
  {
    title: "Go to",
    keys: [
      ["g s", "Services"],
      ["g t", "Traces"],
      ["g l", "Logs"],
      ["g d", "Dashboards"],
      ["g a", "Alerts"],
      ["g r", "Recoveries"],
      ["g c", "Chaos"],
      ["g m", "Mails"],
    ],
  },
  {
    title: "Lists",
    keys: [
      ["/", "Search"],
      ["j", "Next"],
      ["k", "Previous"],
      ["Enter", "Open"],
    ],
  },
  {
    title: "Waterfall",
    keys: [
      ["e", "Next span with an error"],
      ["h", "Collapse"],
      ["l", "Expand"],
      ["Esc", "Close the span"],
    ],
  },
  {
    title: "Everywhere",
    keys: [
      ["?", "This help"],
      ["t", "Light or dark"],
    ],
  },
];

/** What the keys do. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="shortcuts" aria-labelledby="shortcuts-title" onClose={onClose} data-testid="help">
      <header>
        <h2 id="shortcuts-title">Keyboard</h2>
        <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div className="shortcut-groups">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    {key.split(" ").map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
