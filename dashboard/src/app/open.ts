/** Which of the frame's own windows is open: opened from keys, the palette and buttons alike. */
import { create } from "zustand";

export type Window = "palette" | "help" | "kill" | "look" | "more" | null;
export const useOpen = create<{ window: Window }>(() => ({ window: null }));
export const open = (window: Window): void => useOpen.setState({ window });
export const close = (): void => useOpen.setState({ window: null });
