import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { useKeys } from "./keys";

/** The row of a list that j and k move to, by its name so that new rows above do not shift it; Enter opens it. */
export function useSelection(names: readonly string[], link: (name: string) => string): string {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const at = names.indexOf(name);
  const move = (to: number) => setName(names[Math.max(0, Math.min(to, names.length - 1))] ?? "");
  useKeys({
    j: () => move(at + 1),
    k: () => move(at - 1),
    Enter: () => name && navigate(link(name)),
  });
  return name;
}
