import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { confirm } from "@/parts/confirm";
import { modesOf, nameOf, type Row } from "../rows";
import { TOUCHES } from "./deeds";

type Way = "drain" | "flatten";

/** Lets every run of a configuration leave: by its own exits, or at once. Asks before. */
export function useLeaving() {
  const { t } = useTranslation("configurations");
  const command = useCommand({
    run: ({ row, way }: { row: Row; way: Way }, key) =>
      got(
        api.POST("/api/v1/training/configurations/{configuration_id}/deactivate", {
          params: {
            path: { configuration_id: row.configuration.id },
            header: { "idempotency-key": key },
          },
          body: { flatten: way === "flatten" },
        }),
      ),
    touches: TOUCHES,
    done: (_, { way }) => t(`deeds.done.${way}`),
  });
  const leave = async (row: Row, way: Way) => {
    const name = nameOf(row.configuration);
    const isMeant = await confirm({
      mode: modesOf(row.active.map((one) => one.activation))[0] ?? "paper",
      always: way === "flatten",
      title: t(`deeds.titles.${way}`, { name }),
      text: t(`deeds.texts.${way}`),
      facts: [[t("runs.title"), t("runs.count", { count: row.active.length })]],
      name,
      verb: t(`deeds.verbs.${way}`),
    });
    if (isMeant) command.mutate({ row, way });
  };
  return { leave, isPending: command.isPending };
}
