/** Whether the first steps are still to be shown to somebody; kept in this browser, by user. */
import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { persist } from "zustand/middleware";
import { activations } from "@/api/queries";
import { useMay, useSession } from "./session";

/** `met`: were led there once by themselves. `dismissed`: want to hear no more of it. */
type Kept = { met: string[]; dismissed: string[] };
const useKept = create<Kept>()(
  persist<Kept>(() => ({ met: [], dismissed: [] }), { name: "tp.firstSteps" }),
);

const add = (ids: string[], id: string) => (ids.includes(id) ? ids : [...ids, id]);

export function meetFirstSteps(userId: string): void {
  useKept.setState(({ met }) => ({ met: add(met, userId) }));
}

export function dismissFirstSteps(userId: string): void {
  useKept.setState(({ dismissed }) => ({ dismissed: add(dismissed, userId) }));
}

/**
 * `isNew`: may command, and has never activated anything: nothing has traded for them. False as
 * long as that is not known. `isMet`: have seen the first steps before.
 */
export function useFirstSteps(): {
  userId: string;
  isNew: boolean;
  isMet: boolean;
  isDismissed: boolean;
} {
  const userId = useSession((session) => session.user?.id ?? "");
  const mayCommand = useMay("operator");
  const kept = useKept();
  const every = useQuery(activations());
  return {
    userId,
    isNew: mayCommand && every.data?.length === 0,
    isMet: kept.met.includes(userId),
    isDismissed: kept.dismissed.includes(userId),
  };
}
