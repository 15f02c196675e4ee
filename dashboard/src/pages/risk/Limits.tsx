import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { count, money, ratio } from "@/format";
import { Meter } from "@/parts/Meter";
import { Panel } from "@/parts/Panel";
import { ChangeLimit } from "./ChangeLimit";
import { limits } from "./query";

export type Limit = Shapes["LimitShape"];

export function Limits({ wallet }: { wallet: Wallet | null }) {
  const { t } = useTranslation("risk");
  const mayChange = useMay("operator");
  const asked = useQuery(limits(wallet?.id));
  const [changing, setChanging] = useState<Limit | null>(null);
  const rows = (asked.data?.items ?? []).filter((limit) => limit.applies);
  return (
    <Panel
      title={t("limits.title")}
      meta={asked.data && t("limits.version", { n: asked.data.version })}
      query={asked}
      rows={8}
      error={{ what: t("limits.unread"), effect: t("limits.effect") }}
      empty={rows.length === 0 && { text: t("limits.none") }}
    >
      <ul className="body grid gap-3">
        {rows.map((limit) => (
          <li key={limit.name} className="grid gap-1">
            <span className="row">
              <span>{t(`limit.${limit.name}`, { defaultValue: limit.name })}</span>
              <b className="sp">{textOf(limit, t)}</b>
              {mayChange && (
                <button type="button" className="lnk xs" onClick={() => setChanging(limit)}>
                  {t("limits.change")}
                </button>
              )}
            </span>
            {limit.used !== null && limit.refuse_at !== null && (
              <Meter
                label={t(`limit.${limit.name}`, { defaultValue: limit.name })}
                used={limit.used}
                reserved={limit.reserved ?? 0}
                warnAt={limit.warn_at}
                refuseAt={limit.refuse_at}
                text={textOf(limit, t)}
              />
            )}
          </li>
        ))}
      </ul>
      <ChangeLimit
        limit={changing}
        version={asked.data?.version ?? 0}
        mode={(wallet?.mode ?? "paper") as "paper"}
        onClose={() => setChanging(null)}
      />
    </Panel>
  );
}

type Write = (key: string, options: Record<string, unknown>) => string;

/** "0.47 of 3 %": used and refused, in the limit's own unit. */
function textOf(limit: Limit, t: Write): string {
  if (limit.value === null) return t("limits.off", {});
  const most = inUnit(limit.value, limit.unit);
  if (limit.used === null) return most;
  return t("limits.of", { used: plain(limit.used, limit.unit), most });
}

function plain(value: number, unit: string): string {
  if (unit === "quote") return money(value);
  return unit === "count" ? count(value) : ratio(value);
}

export function inUnit(value: number, unit: string): string {
  if (unit === "%") return `${ratio(value)}\u202f%`;
  return unit === "x" ? `${ratio(value)}×` : plain(value, unit);
}
