/** The questions before what cannot be taken back. */
import type { TFunction } from "i18next";
import type { Wallet } from "@/app/scope";
import { price, quantity } from "@/format";
import type { Mode } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import type { Position } from "./queries";

export const modeOf = (wallet: Wallet | null): Mode => (wallet?.mode ?? "live") as Mode;

export function askToClose(
  position: Position,
  wallet: Wallet | null,
  t: TFunction<"trading">,
): Promise<boolean> {
  return confirm({
    mode: modeOf(wallet),
    always: true,
    title: t("close.title", { pair: position.pair }),
    text: t("close.text"),
    facts: [
      [t("side"), t(`sides.${position.side}`)],
      [t("quantity"), quantity(position.quantity)],
      [t("entry"), price(position.entry_price)],
      [t("stop"), price(position.stop)],
    ],
    name: position.pair,
    verb: t("closePosition"),
  });
}
