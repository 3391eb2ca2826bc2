import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { useSystem } from "@/api/system";
import { anySlot, slotColour, slotsOf } from "@/format/colours";

type ColourOf = (service: string) => string;

const Colours = createContext<ColourOf>((name) => slotColour(anySlot(name)));

/** The names of last time, so that colours are right from the first paint. */
const KEY = "pharos.services";

/** Gives every part of the system its colour. */
export function ColourProvider({ children }: { children: ReactNode }) {
  const { data } = useSystem();
  const present = data?.services
    .map((service) => service.name)
    .sort()
    .join(" ");
  useEffect(() => {
    if (present) {
      localStorage.setItem(KEY, present);
    }
  }, [present]);
  const names = present ?? localStorage.getItem(KEY);
  const colourOf = useMemo<ColourOf>(() => {
    const slots = slotsOf(names ? names.split(" ") : []);
    return (name) => slotColour(slots.get(name) ?? anySlot(name));
  }, [names]);
  return <Colours.Provider value={colourOf}>{children}</Colours.Provider>;
}

export function useServiceColour(): ColourOf {
  return useContext(Colours);
}
