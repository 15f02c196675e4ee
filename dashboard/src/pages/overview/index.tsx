/** What stands, what it risks, what a person must decide: one screen of one mode. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { overview } from "@/api/queries";
import { open } from "@/app/open";
import { PageHead } from "@/app/PageHead";
import { chooseMode, useScope } from "@/app/scope";
import { useMay } from "@/app/session";
import { longDate } from "@/format";
import { ModeBadge } from "@/parts/badges";
import { Icon } from "@/parts/Icon";
import { Segments } from "@/parts/Segments";
import { Active } from "./Active";
import { Decisions } from "./Decisions";
import { EquityPanel } from "./EquityPanel";
import { Events } from "./Events";
import { FirstSteps } from "./FirstSteps";
import { Positions } from "./Positions";
import { Tiles } from "./Tiles";

export default function Overview() {
  const { t } = useTranslation("overview");
  const scope = useScope();
  const asked = useQuery(overview());
  const standing = asked.data?.wallets.find((one) => one.wallet.id === scope.wallet?.id);
  const mayReset = useMay("operator");
  return (
    <>
      <PageHead title={t("title")}>
        {scope.modes.length > 0 && (
          <Segments
            fill
            label={t("wallets")}
            value={scope.mode}
            onChange={chooseMode}
            options={scope.modes.map((mode) => {
              const count = scope.all.filter((wallet) => wallet.mode === mode).length;
              return {
                value: mode,
                name: `${mode.toUpperCase()}, ${t("walletCount", { count })}`,
                label: (
                  <>
                    <ModeBadge mode={mode} small />
                    {mode === scope.mode ? t("walletCount", { count }) : count}
                  </>
                ),
              };
            })}
          />
        )}
        <span className="t3 xs only-d">{t("never")}</span>
        <span className="sp t3 xs only-d">{longDate(Date.now())}</span>
      </PageHead>
      {asked.data?.kill_switch && (
        <div className="banner crit rounded-3 mb-3" role="alert">
          <Icon name="kill" className="crit" />
          <b>{t("killStands")}</b>
          {mayReset && (
            <button type="button" className="lnk sp" onClick={() => open("kill")}>
              {t("killShow")}
            </button>
          )}
        </div>
      )}
      <FirstSteps />
      <Tiles query={asked} standing={standing} wallet={scope.wallet} />
      <div className="g side-384 mt">
        <EquityPanel wallet={scope.wallet} equity={standing?.equity} />
        <Decisions query={asked} mode={scope.mode} />
      </div>
      <div className="g side-384 mt">
        <div className="g stack">
          <Positions wallet={scope.wallet} />
          <Active query={asked} wallet={scope.wallet} />
        </div>
        <Events />
      </div>
    </>
  );
}
