import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { walletEquity } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { money, percent, share, signedMoney, signedPercent, toNumber, tone } from "@/format";
import type { Asked } from "@/parts/Panel";
import { SparkBars, Sparkline } from "@/parts/Sparkline";
import { Tile } from "@/parts/Tile";
import { dailyResults, useLimits } from "./figures";

type Props = {
  query: Asked;
  standing: Shapes["StandingShape"] | undefined;
  wallet: Wallet | null;
};

/** A limit as it was set: mostly a whole percentage. */
const whole = (value: number) => percent(value, Number.isInteger(value * 100) ? 0 : 2);
const MONTH_MS = 30 * 86_400_000;

export function Tiles({ query, standing, wallet }: Props) {
  const { t } = useTranslation("overview");
  const quote = wallet?.quote ?? "";
  const end = standing?.as_of ?? null;
  const start = end === null ? undefined : Math.floor((end - MONTH_MS) / 3_600_000) * 3_600_000;
  const curve = useQuery({ ...walletEquity(wallet?.id ?? "", start), enabled: end !== null });
  const limits = useLimits(wallet?.id);
  const empty = standing === undefined && {
    text: t("noWallet"),
    action: (
      <Link className="lnk" to="/exchanges">
        {t("createWallet")}
      </Link>
    ),
  };
  const mostExposed = limits.refuseAt("max_exposure");
  const deepest = limits.refuseAt("max_drawdown_pct");
  const points = curve.data?.items ?? [];
  const s = standing;
  const month = toNumber(s?.month) ?? 0;
  const before = (toNumber(s?.equity) ?? 0) - month;
  return (
    <div className="g tiles">
      <Tile
        wide
        label={t("equity", { quote })}
        query={query}
        empty={empty}
        value={money(s?.equity)}
        figure={<Sparkline values={points.map((point) => point.equity)} />}
        sub={
          <>
            <span className={tone(s?.month)}>
              {signedMoney(s?.month)}
              {before > 0 && ` (${signedPercent(month / before)})`}
            </span>{" "}
            {t("inMonth")}
          </>
        }
      />
      <Tile
        wide
        arrow
        label={t("today", { quote })}
        query={query}
        empty={empty}
        tone={tone(s?.today)}
        value={signedMoney(s?.today)}
        figure={<SparkBars values={dailyResults(points, 16)} />}
        sub={t("closedOpen", {
          closed: signedMoney(s?.today_closed),
          open: signedMoney(s?.today_open),
        })}
      />
      <Tile
        label={t("openRisk", { quote })}
        query={query}
        empty={empty}
        value={signedMoney(s && String(-Number(s.open_risk)))}
        sub={
          s && s.unprotected > 0 ? (
            <span className="warn">{t("noStop", { count: s.unprotected })}</span>
          ) : (
            t("ifStops", { share: percent((s?.open_risk_pct ?? 0) / 100) })
          )
        }
      />
      <Tile
        label={t("exposure")}
        query={query}
        empty={empty}
        value={share((s?.exposure_pct ?? 0) / 100)}
        meter={limits.meter("max_exposure", t("exposure"))}
        sub={
          mostExposed === null
            ? t("gross", { amount: money(s?.exposure), quote })
            : t("grossLimit", { limit: whole(mostExposed) })
        }
      />
      <Tile
        label={t("drawdown")}
        query={query}
        empty={empty}
        value={signedPercent((s?.drawdown_pct ?? 0) / 100)}
        meter={limits.meter("max_drawdown_pct", t("drawdown"))}
        sub={
          deepest === null
            ? t("fromPeak", { peak: money(s?.peak) })
            : t("fromPeakLimit", { limit: whole(-deepest / 100) })
        }
      />
    </div>
  );
}
