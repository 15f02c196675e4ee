import { useTranslation } from "react-i18next";
import type { Named } from "@/api/names";
import { Arrow, Icon, type IconName } from "@/parts/Icon";
import { isOver } from "./queries";

/** The pair, and under it whose it is. */
export function Instrument({ pair, of }: { pair: string; of?: Named }) {
  return (
    <>
      <span className="name">{pair}</span>{" "}
      {of && (
        <span className="t3 sub2">
          {of.strategy_name} {of.interval}
        </span>
      )}
    </>
  );
}

export function SideWord({ side }: { side: string }) {
  const { t } = useTranslation("trading");
  return (
    <span className="side">
      <Arrow up={side === "long" || side === "buy"} size={8} />
      {t(`sides.${side}`)}
    </span>
  );
}

const LOOK: Record<string, [IconName, string]> = {
  FILLED: ["check", "pos"],
  PARTIALLY_FILLED: ["fill", ""],
  REJECTED: ["bad", "neg"],
  UNKNOWN: ["warn", "crit"],
  CANCELLED: ["close", "t3"],
  EXPIRED: ["clock", "t3"],
};

/** An order's state: glyph, word and colour. */
export function OrderStateWord({ state }: { state: string }) {
  const { t } = useTranslation("trading");
  const [icon, tone] = LOOK[state] ?? ["clock", isOver(state) ? "t3" : ""];
  return (
    <span className={`side ${tone}`}>
      <Icon name={icon} size="s" />
      {t(`states.${state}`, { defaultValue: state })}
    </span>
  );
}
