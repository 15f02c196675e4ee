/** The commands on a configuration as a menu, with the dialogs they open. A viewer gets none. */
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import type { MenuItem } from "@/parts/Menu";
import { nextStage, type Row } from "../rows";
import { Activate } from "./Activate";
import { Promote } from "./Promote";
import { Retire } from "./Retire";
import { useLeaving } from "./useLeaving";

type Opened = { what: "activate" | "promote" | "retire"; row: Row };
export type What = Opened["what"];

export function useCommands() {
  const { t } = useTranslation("configurations");
  const mayAct = useMay("operator");
  const { leave } = useLeaving();
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  const open = (what: What, row: Row) => setOpened({ what, row });

  const items = (row: Row): MenuItem[] => {
    if (!mayAct) return [];
    const { configuration, active } = row;
    const to = nextStage(configuration.lifecycle_stage);
    const leaving = active.every(({ activation }) => activation.state === "DRAINING");
    return [
      { label: t("do.activate"), icon: "play", run: () => open("activate", row) },
      ...(to === null
        ? []
        : [
            {
              label: t("do.promote", { stage: to }),
              icon: "signal" as const,
              run: () => open("promote", row),
            },
          ]),
      ...(active.length === 0
        ? []
        : ([
            "line",
            {
              label: t("do.drain"),
              icon: "pause",
              run: () => void leave(row, "drain"),
              ...(leaving && { why: t("do.leaving") }),
            },
            { label: t("do.flatten"), icon: "close", run: () => void leave(row, "flatten") },
          ] satisfies MenuItem[])),
      ...(configuration.lifecycle_stage === "RETIRED"
        ? []
        : ([
            "line",
            {
              label: t("do.retire"),
              icon: "stop",
              danger: true,
              run: () => open("retire", row),
            },
          ] satisfies MenuItem[])),
    ];
  };
  // Beside the panels, never in one: a panel that becomes empty would take its dialog with it.
  const dialogs: ReactNode = opened && (
    <>
      {opened.what === "activate" && (
        <Activate configuration={opened.row.configuration} onClose={close} />
      )}
      {opened.what === "promote" && (
        <Promote configuration={opened.row.configuration} onClose={close} />
      )}
      {opened.what === "retire" && <Retire row={opened.row} onClose={close} />}
    </>
  );
  return { items, open, dialogs, mayAct };
}
