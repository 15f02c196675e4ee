import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { ago, exact } from "@/format";
import { Icon, type IconName } from "@/parts/Icon";

type Alert = Shapes["AlertShape"];
type Rule = Shapes["AlertRuleShape"];
const LOOK: Record<string, [IconName, string]> = {
  critical: ["kill", "crit"],
  error: ["bad", "crit"],
  warning: ["warn", "warn"],
};
const PLACES: Record<string, string> = {
  activation: "/configurations",
  wallet: "/risk",
  connection: "/exchanges",
  configuration: "/configurations",
};

type Props = {
  alerts: Alert[];
  rules: Rule[];
  onAcknowledge?: (alert: Alert) => void;
};

export function AlertList({ alerts, rules, onAcknowledge }: Props) {
  const { t } = useTranslation("alerts");
  const byCode = new Map(rules.map((rule) => [rule.code, rule]));
  return (
    <ul className="todo">
      {alerts.map((alert) => {
        const [icon, tone] = LOOK[alert.level] ?? ["info", "t3"];
        const rule = byCode.get(alert.code);
        const place = PLACES[alert.entity];
        return (
          <li key={alert.id}>
            <Icon name={icon} className={tone} label={t(`levels.${alert.level}`, alert.level)} />
            <span className="md">{alert.message}</span>
            <time dateTime={new Date(alert.time).toISOString()} title={exact(alert.time)}>
              {ago(alert.time)}
            </time>
            {rule && (
              <p className="t2">
                {rule.trading} {rule.to_do}
              </p>
            )}
            <span className="act">
              <span className="mono t3">{alert.code}</span>
              {place && (
                <Link className="lnk" to={place}>
                  {t("look")}
                </Link>
              )}
              {alert.read_at !== null ? (
                <span className="t3">{t("seenAt", { when: ago(alert.read_at) })}</span>
              ) : (
                onAcknowledge && (
                  <button type="button" className="lnk" onClick={() => onAcknowledge(alert)}>
                    {t("acknowledge")}
                  </button>
                )
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
