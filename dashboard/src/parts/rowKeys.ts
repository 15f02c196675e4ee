import { type KeyboardEvent, type RefObject, useState } from "react";
import { isInField } from "@/app/keys";
import { useLook } from "@/app/look";

/** J and K, and the arrows, through the rows of a table; Home and End to its ends. */
export function useRowKeys(
  count: number,
  scroller: RefObject<HTMLElement | null>,
  scrollTo: (index: number) => void,
) {
  const [kept, setCurrent] = useState(0);
  const current = Math.min(kept, Math.max(count - 1, 0));

  const focus = (index: number) => {
    setCurrent(index);
    scrollTo(index);
    // Behind a scroll the row is drawn in the next frame.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (count === 0 || isInField(event.target) || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const letters = useLook.getState().letterKeys;
    const isDown = event.key === "ArrowDown" || (letters && event.key.toLowerCase() === "j");
    const isUp = event.key === "ArrowUp" || (letters && event.key.toLowerCase() === "k");
    if (isDown) focus(Math.min(current + 1, count - 1));
    else if (isUp) focus(Math.max(current - 1, 0));
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(count - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { current, setCurrent, onKeyDown };
}
