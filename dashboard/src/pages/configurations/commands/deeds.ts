/**
 * What can be done with a run of a configuration. Nothing is shown before an event has said it: a
 * deed is remembered only to say what the state `DRAINING` is on its way to.
 */
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import type { Mode } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import type { Activation } from "../queries";
import { isOver } from "../rows";

export type Deed = "pause" | "resume" | "drain" | "flatten" | "rollback";
type Given = { activation: Pick<Activation, "id">; deed: Deed };

export const TOUCHES = ["activations", "overview", "configurations", "positions"];

const useAsked = create<Record<string, Deed>>(() => ({}));
/** What was last asked of a run from this page. */
export const useDeed = (activationId: string): Deed | undefined =>
  useAsked((asked) => asked[activationId]);

const post = ({ activation, deed }: Given, key: string): Promise<unknown> => {
  const params = {
    path: { activation_id: activation.id },
    header: { "idempotency-key": key },
  };
  switch (deed) {
    case "pause":
      return got(api.POST("/api/v1/activations/{activation_id}/pause", { params }));
    case "resume":
      return got(api.POST("/api/v1/activations/{activation_id}/resume", { params }));
    case "drain":
      return got(api.POST("/api/v1/activations/{activation_id}/drain", { params }));
    case "flatten":
      return got(api.POST("/api/v1/activations/{activation_id}/flatten", { params }));
    case "rollback":
      return got(api.POST("/api/v1/activations/{activation_id}/rollback", { params }));
  }
};

/** The deeds that make sense for a run as it is now, the mildest first. */
export function deedsFor(run: Pick<Activation, "state" | "blocked" | "mode">): Deed[] {
  if (isOver(run.state)) return [];
  if (run.state === "DRAINING") return ["flatten"];
  return [
    run.blocked === null ? "pause" : "resume",
    "drain",
    "flatten",
    ...(run.mode === "paper" ? [] : (["rollback"] as const)),
  ];
}

export function useDeeds() {
  const { t } = useTranslation("configurations");
  return useCommand({
    run: async (given: Given, key) => {
      const answer = await post(given, key);
      useAsked.setState({ [given.activation.id]: given.deed });
      return answer;
    },
    touches: TOUCHES,
    done: (_, { deed }) => t(`deeds.done.${deed}`),
  });
}

/** Asks as the mode demands; what closes a position or leaves a venue is asked on paper too. */
export function askFor(
  t: TFunction<"configurations">,
  deed: Deed,
  mode: Mode,
  name: string,
): Promise<boolean> {
  return confirm({
    mode,
    always: deed === "flatten" || deed === "rollback",
    title: t(`deeds.titles.${deed}`, { name }),
    text: t(`deeds.texts.${deed}`),
    name,
    verb: t(`deeds.verbs.${deed}`),
  });
}
