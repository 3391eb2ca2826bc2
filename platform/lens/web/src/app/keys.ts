/** Keyboard shortcuts: single keys, and two keys one after the other. */

import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 1_200;
const PREFIX = "g";
const mounted = new Set<{ current: Keys }>();
let prefixAt = Number.NEGATIVE_INFINITY;

/** While mounted, call what belongs to a key, such as `j`, `Enter` or `g s`. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    mounted.add(latest);
    return () => {
      mounted.delete(latest);
    };
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Whether Enter already means something where the focus is. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role=tab], [role=dialog]") !== null;
}

function listen(event: KeyboardEvent): void {
  const foreign = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target);
  if (foreign || (event.key === "Enter" && isControl(event.target))) {
    return;
  }
  const second = event.timeStamp - prefixAt < SEQUENCE_MS;
  prefixAt = event.key === PREFIX && !second ? event.timeStamp : Number.NEGATIVE_INFINITY;
  const name = second ? `${PREFIX} ${event.key}` : event.key;
  const found = [...mounted].map((keys) => keys.current[name]).find(Boolean);
  if (found) {
    event.preventDefault();
    found(event);
  }
}

window.addEventListener("keydown", listen);
