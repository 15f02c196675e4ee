/** An instrument as a chart, with what a configuration saw in it, did and holds. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { positions } from "@/api/queries";
import { useKeys } from "@/app/keys";
import { ChartPanel } from "./ChartPanel";
import { Depth } from "./Depth";
import { Head } from "./Head";
import { COMMON } from "./intervals";
import { KINDS, type Kind } from "./marks";
import { NextDecision } from "./NextDecision";
import { PositionPanel } from "./PositionPanel";
import { activationTrades } from "./queries";
import { TradeLine } from "./TradeLine";
import { useMarket } from "./useMarket";

export default function Markets() {
  const { t } = useTranslation("markets");
  const market = useMarket();
  const [asTable, setAsTable] = useState(false);
  const [shown, setShown] = useState<ReadonlySet<Kind>>(new Set(KINDS));
  const activationId = market.activation?.id;
  const held = useQuery({
    ...positions({ activation_id: activationId ?? "" }),
    enabled: activationId !== undefined,
  });
  const trades = useQuery({
    ...activationTrades(activationId ?? ""),
    enabled: activationId !== undefined,
  });
  const position = (activationId && held.data?.[0]) || null;
  const list = useMemo(
    () => (activationId ? (trades.data ?? []) : []),
    [trades.data, activationId],
  );
  const named = list.findIndex((trade) => trade.id === market.asked.trade);
  const at = named >= 0 ? named : list.length - 1;
  const walk = (step: number) => {
    // The first step chooses the newest one; from there it goes on.
    const next = named < 0 ? list.length - 1 : Math.min(Math.max(named + step, 0), list.length - 1);
    const trade = list[next];
    if (trade) market.set({ trade: trade.id, at: undefined });
  };
  const chooseInterval = (interval: string | undefined) => {
    if (interval && market.intervals.includes(interval)) market.set({ interval });
  };
  useKeys({
    n: () => walk(1),
    p: () => walk(-1),
    v: () => setAsTable((before) => !before),
    ...Object.fromEntries(COMMON.map((one, i) => [String(i + 1), () => chooseInterval(one)])),
  });
  const trade = list[at] ?? null;
  const lookAt = named >= 0 ? (trade?.entry_time ?? null) : Number(market.asked.at) || null;
  return (
    <>
      <Head
        market={market}
        shown={shown}
        onShown={setShown}
        asTable={asTable}
        onAsTable={setAsTable}
      />
      <div className="g side-268">
        <div className="g stack max-desk:contents">
          <ChartPanel
            market={market}
            position={position}
            shown={shown}
            chosen={named >= 0 ? (trade?.id ?? null) : null}
            lookAt={lookAt}
            asTable={asTable}
            onAsTable={setAsTable}
          />
          {market.activation !== null && (
            <div className="max-desk:order-2">
              <TradeLine
                query={trades}
                trade={trade}
                quote={market.series?.pair.split("/")[1]?.split(":")[0] ?? ""}
                interval={market.configuration?.interval ?? "15m"}
                onWalk={walk}
                isFirst={at <= 0}
                isLast={at >= list.length - 1}
              />
            </div>
          )}
        </div>
        {/* On a phone what is held comes before what was traded. */}
        <div className="g stack max-desk:contents">
          {market.activation !== null && (
            <div className="g max-desk:order-1">
              <PositionPanel query={held} position={position} market={market} />
              <NextDecision market={market} position={position} />
            </div>
          )}
          <div className="max-desk:order-3">
            <Depth market={market} title={t("depth.title")} />
          </div>
        </div>
      </div>
    </>
  );
}
