import { type PointerEvent, useState } from "react";

/** Less than this share of the width is a click. */
const LEAST = 0.01;

type Drag = [from: number, to: number];

interface Handlers {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  onPointerUp: (event: PointerEvent<HTMLElement>) => void;
}

interface Wanted {
  /** The share of the height at which it was clicked. */
  onClick: (share: number) => void;
  /** The shares of the width between which it was dragged. */
  onDrag: (from: number, to: number) => void;
}

/** Tells clicks from drags over an element's width; the drag under way is returned for showing it. */
export function useDrag({ onClick, onDrag }: Wanted): [Drag | null, Handlers] {
  const [drag, setDrag] = useState<Drag | null>(null);
  const share = ({ currentTarget, clientX }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return (clientX - left) / width;
  };
  const end = (event: PointerEvent<HTMLElement>) => {
    if (!drag) {
      return;
    }
    setDrag(null);
    const to = share(event);
    if (Math.abs(to - drag[0]) >= LEAST) {
      onDrag(drag[0], to);
    } else {
      const { top, height } = event.currentTarget.getBoundingClientRect();
      onClick((event.clientY - top) / height);
    }
  };
  return [
    drag,
    {
      onPointerDown: (event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([share(event), share(event)]);
      },
      onPointerMove: (event) => drag && setDrag([drag[0], share(event)]),
      onPointerUp: end,
    },
  ];
}
