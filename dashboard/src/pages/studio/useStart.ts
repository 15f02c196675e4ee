/** Asks for a training: sent with a key, so that one press is one job. */
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";

export type Start = ReturnType<typeof useStart>;

export function useStart(started: (id: string) => void) {
  const { t } = useTranslation("studio");
  return useCommand({
    run: (body: Shapes["NewTrainingJob"], key) =>
      got(
        api.POST("/api/v1/training/jobs", {
          body,
          params: { header: { "idempotency-key": key } },
        }),
      ),
    touches: ["jobs"],
    done: (answer, asked) => {
      started(answer.id);
      return t("start.accepted", { strategy: asked.strategy, pair: asked.symbol });
    },
  });
}
