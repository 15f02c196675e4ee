import { useTranslation } from "react-i18next";
import { ModeBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { KillForm } from "./KillForm";
import { close, useOpen } from "./open";
import { useScope } from "./scope";

/** The kill switch from anywhere: opened with the focus in the field, nothing sent. */
export function KillDialog() {
  const { t } = useTranslation("frame");
  const { mode } = useScope();
  const isOpen = useOpen((state) => state.window === "kill");
  return (
    <Dialog
      open={isOpen}
      onClose={close}
      badge={<ModeBadge mode={mode} />}
      title={t("strip.kill")}
      description={t("kill.description")}
    >
      <KillForm autoFocus />
    </Dialog>
  );
}
