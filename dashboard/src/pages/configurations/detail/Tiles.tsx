import { useTranslation } from "react-i18next";
import { count, percent, ratio, signedPercent, tone } from "@/format";
import type { Asked } from "@/parts/Panel";
import { Sparkline } from "@/parts/Sparkline";
import { Tile } from "@/parts/Tile";
import type { Figures, Verdict } from "../queries";

type Props = { query: Asked; verdict: Verdict | undefined; figures: Figures | undefined };

/** The five figures a decision rests on, each beside what takes the shine off it. */
export function Tiles({ query, verdict, figures }: Props) {
  const { t } = useTranslation("configurations");
  const outside = figures?.out_of_sample_return;
  return (
    <div className="g tiles">
      <Tile
        label={t("tiles.expected")}
        query={query}
        value={ratio(verdict?.expected_live_sharpe)}
        sub={t("tiles.backtest", { sharpe: ratio(verdict?.sharpe) })}
      />
      <Tile
        label={t("tiles.tries")}
        query={query}
        value={count(verdict?.tries)}
        sub={
          verdict?.distinct == null
            ? t("tiles.noDistinct")
            : t("tiles.distinct", {
                worth: ratio(verdict.distinct, 1),
                luck: ratio(verdict.luck_sharpe),
              })
        }
      />
      <Tile
        label={t("tiles.deflated")}
        query={query}
        value={ratio(figures?.deflated_sharpe)}
        sub={t("tiles.deflatedMeans")}
      />
      <Tile
        label={t("tiles.outOfSample")}
        query={query}
        value={signedPercent(outside)}
        tone={tone(outside, 4)}
        arrow
        sub={t("tiles.unseen")}
        figure={
          <span className="only-d">
            <Sparkline values={figures?.curve ?? []} width={72} />
          </span>
        }
      />
      <Tile
        label={t("tiles.drawdown")}
        query={query}
        value={percent(figures?.drawdown_95)}
        sub={t("tiles.holdOut", {
          state: verdict ? t(`holdOut.${verdict.hold_out}`) : "",
        })}
      />
    </div>
  );
}
