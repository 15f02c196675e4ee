import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Arrow, Icon, type IconName } from "@/parts/Icon";
import type { Signal } from "./queries";

const LOOK: Record<string, [IconName, string]> = {
  traded: ["check", "pos"],
  refused: ["bad", "neg"],
  ignored: ["close", "t3"],
};

export function VerdictWord({ verdict }: { verdict: string }) {
  const { t } = useTranslation("signals");
  const [icon, tone] = LOOK[verdict] ?? ["info", "t3"];
  return (
    <span className={`side ${tone}`}>
      <Icon name={icon} size="s" />
      {t(`verdicts.${verdict}`, { defaultValue: verdict })}
    </span>
  );
}

export function ActionWord({ action }: { action: string }) {
  const { t } = useTranslation("signals");
  return (
    <span className="side">
      <Arrow up={action === "enter_long" || action === "exit_short"} size={8} />
      {t(`actions.${action}`, { defaultValue: action })}
    </span>
  );
}

/** Why nothing was traded, in words; the code where there are none for it. */
export function useReason(): (signal: Pick<Signal, "reason">) => string {
  const { t } = useTranslation("signals");
  return useCallback(
    ({ reason }) =>
      reason === null ? "" : t(`reasons.${reason}`, { defaultValue: reason.replaceAll("_", " ") }),
    [t],
  );
}
