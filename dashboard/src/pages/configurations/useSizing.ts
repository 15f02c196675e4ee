import { useTranslation } from "react-i18next";
import { money, percent } from "@/format";

/** How rules size a position, in words. */
export function useSizing(rules: Record<string, unknown>): string {
  const { t } = useTranslation("configurations");
  const { kind, x } = (rules.sizing ?? {}) as { kind?: string; x?: number };
  return t(`sizing.${kind ?? "none"}`, {
    defaultValue: kind ?? "–",
    share: percent(x, 1),
    amount: money(x),
  });
}
