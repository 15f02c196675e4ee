/** What may be lost and what stands in the way: trading state, limits, pauses, the kill switch. */
import { useTranslation } from "react-i18next";
import { KillForm } from "@/app/KillForm";
import { PageHead } from "@/app/PageHead";
import { chooseWallet, useScope } from "@/app/scope";
import { useMay } from "@/app/session";
import { ModeBadge } from "@/parts/badges";
import { Panel } from "@/parts/Panel";
import { Limits } from "./Limits";
import { Locks } from "./Locks";
import { TradingStatePanel } from "./TradingStatePanel";

export default function Risk() {
  const { t } = useTranslation("risk");
  const scope = useScope();
  const mayHalt = useMay("operator");
  const { wallet } = scope;
  return (
    <>
      <PageHead title={t("title")}>
        {wallet && <ModeBadge mode={scope.mode} />}
        {scope.all.length > 1 && (
          <select
            className="inp s"
            aria-label={t("wallet")}
            value={wallet?.id ?? ""}
            onChange={(event) => {
              const chosen = scope.all.find((one) => one.id === event.target.value);
              if (chosen) chooseWallet(chosen);
            }}
          >
            {scope.all.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.mode})
              </option>
            ))}
          </select>
        )}
      </PageHead>
      <div className="g side-384">
        <div className="g stack">
          <TradingStatePanel wallet={wallet} />
          <Limits wallet={wallet} />
          <Locks wallet={wallet} />
        </div>
        {mayHalt && (
          <Panel title={t("kill")} className="kill-panel">
            <div className="body">
              <KillForm />
            </div>
          </Panel>
        )}
      </div>
    </>
  );
}
