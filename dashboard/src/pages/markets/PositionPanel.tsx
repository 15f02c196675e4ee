import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useClose } from "@/api/byHand";
import { inRisk, openResult } from "@/api/held";
import { useScope } from "@/app/scope";
import { useMay } from "@/app/session";
import { price, quantity, riskMultiple, signedMoney, tone } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { type Asked, Panel } from "@/parts/Panel";
import { askToClose } from "../trading/asking";
import { MoveStop } from "../trading/MoveStop";
import type { Position } from "../trading/queries";
import { useTick } from "./tick";
import type { useMarket } from "./useMarket";

type Props = { query: Asked; position: Position | null; market: ReturnType<typeof useMarket> };

/** What the activation on the chart holds, and the two things one may do about it. */
export function PositionPanel({ query, position, market }: Props) {
  const { t } = useTranslation("markets");
  const trading = useTranslation("trading").t;
  const { all } = useScope();
  const mayTrade = useMay("operator");
  const [isMoving, setMoving] = useState(false);
  const close = useClose();
  const { activation, quote } = market;
  const tick = useTick(market.series);
  const wallet = all.find((one) => one.id === activation?.wallet_id) ?? null;
  const result = position === null ? null : openResult(position, quote?.last);
  const risk = position === null ? null : inRisk(result, position);
  return (
    <Panel
      title={t("position.title")}
      meta={activation && <ModeBadge mode={activation.mode as Mode} small />}
      query={query}
      rows={3}
      error={{ what: t("position.unread"), effect: trading("positions.effect") }}
      empty={position === null && { text: t("position.empty") }}
      action={risk !== null && <b className={`sp ${tone(risk)}`}>{riskMultiple(risk)} R</b>}
    >
      {position !== null && (
        <div className="body grid gap-3">
          <dl className="kv">
            <dt>{trading(`sides.${position.side}`)}</dt>
            <dd>
              {quantity(position.quantity)} {position.pair.split("/")[0]}
            </dd>
            <dt>{trading("pnl", { quote: wallet?.quote })}</dt>
            <dd className={tone(result)}>{signedMoney(result)}</dd>
            <dt>{trading("entry")}</dt>
            <dd>{price(position.entry_price, tick)}</dd>
            <dt>{trading("stop")}</dt>
            <dd>
              {position.stop === null ? (
                <span className="warn">{trading("noStop")}</span>
              ) : (
                price(position.stop, tick)
              )}
            </dd>
            <dt>{trading("target")}</dt>
            <dd>{price(position.target, tick)}</dd>
          </dl>
          {mayTrade && (
            <div className="grid grid-cols-2 gap-2">
              <button
                type="button"
                className="btn"
                disabled={close.isPending}
                onClick={() =>
                  void askToClose(position, wallet, trading).then(
                    (yes) => yes && close.mutate(position),
                  )
                }
              >
                {close.isPending ? trading("asked") : trading("closePosition")}
              </button>
              <button type="button" className="btn" onClick={() => setMoving(true)}>
                {trading("moveStop")}
              </button>
            </div>
          )}
          {isMoving && (
            <MoveStop position={position} wallet={wallet} onClose={() => setMoving(false)} />
          )}
        </div>
      )}
    </Panel>
  );
}
