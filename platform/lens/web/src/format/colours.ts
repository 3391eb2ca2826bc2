/** A colour for each service, the same on every page. */

const SLOTS = 12;

/** Slots of the palette by name: a name's own by its hash, the next free one where an earlier name has that. */
export function slotsOf(names: readonly string[]): Map<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    let slot = hash(name) % SLOTS;
    while (taken.size < SLOTS && taken.has(slot)) {
      slot = (slot + 1) % SLOTS;
    }
    taken.add(slot);
    slots.set(name, slot);
  }
  return slots;
}

/** The colour of a slot, as the style sheet has it for light and dark. */
export function slotColour(slot: number): string {
  return `var(--service-${slot % SLOTS})`;
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}

export const anySlot = (name: string) => hash(name) % SLOTS;
