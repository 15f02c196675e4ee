import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { activations, configuration, overview } from "@/api/queries";
import { useScope } from "@/app/scope";
import { moment } from "@/format";
import { type Mode, ModeBadge, StageBadge } from "@/parts/badges";
import type { Asked } from "@/parts/Panel";
import { EquityPanel } from "./EquityPanel";
import { GapPanel } from "./GapPanel";
import { tracking } from "./queries";
import { quoteOf } from "./rows";
import { TrackingCharts } from "./TrackingCharts";
import { Verdicts } from "./Verdicts";

/** What a panel of one activation needs; `ran` is how the list of activations was read. */
export type OfActivation = {
  ran: Asked;
  activation: Shapes["ActivationShape"] | undefined;
  /** Undefined until it is known. */
  trades: number | undefined;
  quote: string;
};
type Props = { configurationId: string; mode: Mode };

/** One configuration in one mode: what it earned against what its backtest says of the same bars. */
export function Detail({ configurationId, mode }: Props) {
  const { t } = useTranslation("performance");
  const { all } = useScope();
  const named = useQuery(configuration(configurationId));
  const tracked = useQuery(tracking(configurationId, mode));
  const now = useQuery(overview());
  const ran = useQuery(activations({ configuration_id: configurationId, mode }));
  const [picked, setPicked] = useState<string | null>(null);
  const started = (ran.data ?? []).filter((one) => one.last_bar !== null);
  const activation = started.find((one) => one.id === picked) ?? started[0];
  const told = now.data?.active.find((one) => one.activation.id === activation?.id);
  const quote = named.data ? quoteOf(named.data.pair) : "";
  const one = {
    ran,
    activation,
    quote,
    // Of one that is over nothing changes any more; of one that runs, with every trade.
    trades: now.isPending ? undefined : (told?.trade_count ?? 0),
  };
  const nameOf = (which: Shapes["ActivationShape"]) =>
    t("detail.activation", {
      wallet: all.find((wallet) => wallet.id === which.wallet_id)?.name ?? "",
      since: moment(which.session_start),
      state: t(`states.${which.state}`),
    });
  return (
    <section aria-label={t("detail.label")} className="mt">
      <div className="head">
        <h2 className="text-lg font-semibold">
          {named.data ? `${named.data.strategy_name} ${named.data.pair}` : t("detail.label")}
        </h2>
        <ModeBadge mode={mode} small />
        {named.data && <StageBadge stage={named.data.lifecycle_stage} />}
        <span className="sp" />
        {started.length > 1 && (
          <select
            className="inp s min-w-0"
            aria-label={t("detail.choose")}
            value={activation?.id}
            onChange={(event) => setPicked(event.target.value)}
          >
            {started.map((each) => (
              <option key={each.id} value={each.id}>
                {nameOf(each)}
              </option>
            ))}
          </select>
        )}
        {started.length === 1 && activation && <span className="t3 xs">{nameOf(activation)}</span>}
        <Link className="btn" to={`/configurations/${configurationId}`}>
          {t("detail.evidence")}
        </Link>
      </div>
      <div className="g side-384">
        <EquityPanel {...one} tracked={tracked} />
        <Verdicts tracked={tracked} />
      </div>
      <div className="g c2 mt">
        <GapPanel {...one} />
        <TrackingCharts tracked={tracked} />
      </div>
    </section>
  );
}
