import { useTranslation } from "react-i18next";
import { ModeBadge } from "@/parts/badges";
import { Icon } from "@/parts/Icon";
import { Signed } from "@/parts/Signed";
import { footOf, modesOf, type Row } from "../rows";

/** Where it runs, and what of it matters most now. */
export function CardFoot({ row }: { row: Row }) {
  const modes = modesOf(row.active.map((one) => one.activation));
  return (
    <div className="foot">
      {modes.map((mode) => (
        <ModeBadge key={mode} mode={mode} small />
      ))}
      <FootWord row={row} aside={modes.length > 0} />
    </div>
  );
}

export function FootWord({ row, aside = false }: { row: Row; aside?: boolean }) {
  const { t } = useTranslation("configurations");
  const foot = footOf(row);
  const place = aside ? "sp" : "row";
  switch (foot.kind) {
    case "state":
      return (
        <span className={`${place} ${foot.state === "FAULTED" ? "crit" : "t2"}`}>
          <Icon name={foot.state === "FAULTED" ? "bad" : "clock"} size="s" />
          {t(`states.${foot.state}`)}
        </span>
      );
    case "blocked":
      return (
        <span className={`${place} warn`}>
          <Icon name="pause" size="s" />
          {t("foot.blocked")}
        </span>
      );
    case "unmet":
      return (
        <span className={`${place} neg`}>
          <Icon name="bad" size="s" />
          {t("foot.unmet", { count: foot.count })}
        </span>
      );
    case "untrained":
      return (
        <span className={`${place} t3`}>
          <Icon name="info" size="s" />
          {t("foot.untrained")}
        </span>
      );
    case "ready":
      return (
        <span className={`${place} pos`}>
          <Icon name="good" size="s" />
          {t(row.configuration.lifecycle_stage === "DISCOVERY" ? "foot.ready" : "foot.met")}
        </span>
      );
    case "none":
      return null;
    case "result":
      return (
        <span className={`${place} t2`}>
          <Signed value={foot.pnl} />
          <span className="t3">{t("foot.trades", { count: foot.trades })}</span>
        </span>
      );
  }
}
