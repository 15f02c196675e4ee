import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { walletEquity } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { date, money, percent } from "@/format";
import type { Mode } from "@/parts/badges";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { Skeleton } from "@/parts/Skeleton";

const EquityPair = lazy(() => import("@/parts/charts/EquityPair"));

const DAY_MS = 86_400_000;
const PERIODS = { d: DAY_MS, w: 7 * DAY_MS, m: 30 * DAY_MS, y: 365 * DAY_MS, all: null } as const;
type Period = keyof typeof PERIODS;

/** Equity over drawdown of the chosen period, counted back from the last point there is. */
export function EquityPanel({ wallet }: { wallet: Wallet | null; equity?: string }) {
  const { t } = useTranslation("overview");
  const [period, setPeriod] = useState<Period>("m");
  const whole = useQuery({ ...walletEquity(wallet?.id ?? ""), enabled: wallet !== null });
  const last = whole.data?.items.at(-1)?.time;
  const back = PERIODS[period];
  const start = back === null || last === undefined ? undefined : last - back;
  const part = useQuery({
    ...walletEquity(wallet?.id ?? "", start),
    enabled: start !== undefined,
    placeholderData: (before) => before,
  });
  const asked = start === undefined ? whole : part;
  const points = asked.data?.items ?? [];
  const mode = (wallet?.mode ?? "paper") as Mode;
  const deepest = Math.min(0, ...points.map((point) => point.drawdown));

  return (
    <Panel
      title={t("chart.title")}
      family="chart"
      query={wallet === null ? undefined : asked}
      error={{ what: t("chart.unread") }}
      empty={
        points.length < 2 && {
          text: t("chart.empty"),
          action: (
            <Link className="btn" to="/configurations">
              {t("chart.activate")}
            </Link>
          ),
        }
      }
      legend={
        <div className="legend only-d">
          <span>
            <i className="key" style={{ color: "var(--series-1)", height: 3 }} />
            {t(`chart.mode.${mode}`)}
          </span>
          <span>
            <i className="box" style={{ background: "var(--loss)", opacity: 0.5 }} />
            {t("chart.drawdown")}
          </span>
        </div>
      }
      action={
        <Segments<Period>
          className="sp"
          label={t("chart.period")}
          value={period}
          onChange={setPeriod}
          options={(Object.keys(PERIODS) as Period[]).map((value) => ({
            value,
            label: t(`chart.periods.${value}`),
            name: t(`chart.periodNames.${value}`),
          }))}
        />
      }
    >
      <div className="body">
        <Suspense fallback={<Skeleton family="chart" />}>
          <EquityPair
            points={points}
            heads={{
              equity: t("equity", { quote: wallet?.quote }),
              drawdown: t("drawdown"),
            }}
            sentence={t("chart.sentence", {
              name: wallet?.name,
              quote: wallet?.quote,
              from: money(points[0]?.equity),
              to: money(points.at(-1)?.equity),
              start: date(points[0]?.time),
              end: date(points.at(-1)?.time),
              drawdown: percent(deepest),
            })}
          />
        </Suspense>
      </div>
    </Panel>
  );
}
