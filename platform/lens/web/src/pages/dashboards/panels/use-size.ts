import { type RefCallback, useCallback, useRef, useState } from "react";

interface Size {
  width: number;
  height: number;
}

/** The size of an element, kept up to date. */
export function useSize(): [RefCallback<HTMLElement>, Size | undefined] {
  const [size, setSize] = useState<Size>();
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element) {
      observer.current = new ResizeObserver(([entry]) => {
        const { width, height } = entry?.contentRect ?? { width: 0, height: 0 };
        setSize(width > 0 && height > 0 ? { width, height } : undefined);
      });
      observer.current.observe(element);
    }
  }, []);
  return [ref, size];
}
