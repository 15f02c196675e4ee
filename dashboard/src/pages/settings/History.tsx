import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { ago, exact } from "@/format";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { Compare } from "./Compare";
import { versions } from "./query";

/** Who changed what, when and why; whether the chain of versions is whole. */
export function History({ version }: { version: number }) {
  const { t } = useTranslation("settings");
  const asked = useQuery(versions());
  const mayRollBack = useMay("admin");
  const [seen, setSeen] = useState<number | null>(null);
  const items = asked.data?.items ?? [];
  const broken = asked.data?.first_broken ?? null;
  return (
    <Panel
      title={t("history")}
      meta={items.length || null}
      query={asked}
      family="tail"
      error={{ what: t("historyUnread") }}
      empty={items.length === 0 && { text: t("noHistory") }}
    >
      {broken !== null && (
        <p className="banner crit" role="alert">
          <Icon name="warn" />
          {t("broken", { n: broken })}
        </p>
      )}
      <ul className="todo">
        {items.map((one) => (
          <li key={one.version}>
            <Icon name={one.version === version ? "good" : "clock"} className="t3" />
            <span className="md">{t("versionBy", { n: one.version, who: one.changed_by })}</span>
            <time dateTime={new Date(one.changed_at).toISOString()} title={exact(one.changed_at)}>
              {ago(one.changed_at)}
            </time>
            <p>{one.reason}</p>
            <span className="act">
              <button type="button" className="lnk" onClick={() => setSeen(one.version)}>
                {t("compare")}
              </button>
              <span className="mono t3">{one.hash.slice(0, 8)}</span>
            </span>
          </li>
        ))}
      </ul>
      <Compare
        version={seen}
        current={version}
        mayRollBack={mayRollBack}
        onClose={() => setSeen(null)}
      />
    </Panel>
  );
}
