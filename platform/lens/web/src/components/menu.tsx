import { type ReactNode, useEffect, useRef, useState } from "react";

interface Props {
  title: ReactNode;
  label?: string;
  className?: string;
  testId?: string;
  children: () => ReactNode;
}

/** A button that shows something below it until one clicks elsewhere, presses Escape or follows a link in it. */
export function Menu({ title, label, className = "", testId, children }: Props) {
  const [open, setOpen] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) {
      return;
    }
    const elsewhere = (event: Event) => {
      if (!element.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        event.preventDefault();
        setOpen(false);
        element.current?.querySelector("button")?.focus();
      }
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
      document.removeEventListener("keydown", onKey);
    };
  }, [open]);
  const follow = (event: React.MouseEvent) => (event.target as Element).closest("a") && setOpen(false);
  return (
    <div ref={element} className={`menu ${className}`}>
      <button
        type="button"
        className="menu-button"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setOpen(!open)}
        data-testid={testId}
      >
        {title}
      </button>
      {open && (
        // biome-ignore lint/a11y/noStaticElementInteractions: only closes when a link in it is followed
        <div className="menu-body" tabIndex={-1} onClick={follow}>
          {children()}
        </div>
      )}
    </div>
  );
}
