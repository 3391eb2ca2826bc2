import { type ReactNode, useEffect, useRef } from "react";
import { useNavigate } from "react-router-dom";

interface Props {
  to: string;
  selected: boolean;
  testId: string;
  className?: string;
  children: ReactNode;
}

/** A row of a list that leads somewhere; the selected one is kept in view. A link in it leads where it says. */
export function Row({ to, selected, testId, className = "", children }: Props) {
  const navigate = useNavigate();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) {
      row.current?.scrollIntoView({ block: "nearest" });
    }
  }, [selected]);
  const open = (event: React.MouseEvent) => {
    if (!(event.target as Element).closest("a")) {
      navigate(to);
    }
  };
  return (
    <tr ref={row} className={`${className} ${selected ? "selected" : ""}`} onClick={open} data-testid={testId}>
      {children}
    </tr>
  );
}
