import { useMemo } from "react";
import { useTheme } from "./theme";

/** Makes a colour of the style sheet one that a canvas understands. */
export type Paint = (colour: string) => string;

/** Colours as they are in the present theme. */
export function usePaint(): Paint {
  const theme = useTheme();
  return useMemo(() => painter(theme), [theme]);
}

function painter(_theme: string): Paint {
  const known = new Map<string, string>();
  return (colour) => {
    const found = known.get(colour) ?? resolved(colour);
    known.set(colour, found);
    return found;
  };
}

function resolved(colour: string): string {
  const probe = document.createElement("i");
  probe.style.color = colour;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
