import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { date, money, percent } from "@/format";
import { type Asked, Panel } from "@/parts/Panel";
import { Skeleton } from "@/parts/Skeleton";
import type { OfActivation } from "./Detail";
import { activationEquity } from "./queries";
import { expectedAt } from "./tracked";

const EquityPair = lazy(() => import("@/parts/charts/EquityPair"));
const DAY_MS = 86_400_000;

type Props = OfActivation & { tracked: Asked & { data?: Shapes["TrackingShape"] } };

/** What it was worth, beside the backtest of the same bars, over the range that nine of ten keep to. */
export function EquityPanel({ ran, activation, trades, tracked, quote }: Props) {
  const { t } = useTranslation("performance");
  const asked = useQuery({
    ...activationEquity(activation?.id ?? "", trades ?? 0),
    enabled: activation !== undefined && trades !== undefined,
  });
  const points = asked.data?.items ?? [];
  const expected = tracked.data?.expected;
  const start = activation?.session_start ?? 0;
  const allotment = Number(activation?.allotment ?? 0);
  const band = useMemo(
    () =>
      (asked.data?.items ?? []).flatMap(({ time }) => {
        const days = (time - start) / DAY_MS;
        const [low, high] = [
          expectedAt(expected ?? [], days, "low"),
          expectedAt(expected ?? [], days, "high"),
        ];
        return low === null || high === null
          ? []
          : [{ time, low: low * allotment, high: high * allotment }];
      }),
    [asked.data, expected, start, allotment],
  );
  const compare = useMemo(() => {
    const values = (asked.data?.items ?? []).map((point) => point.replay);
    return values.some((value) => value !== null)
      ? { head: t("equity.replayIn", { quote }), values }
      : undefined;
  }, [asked.data, quote, t]);
  const last = points.at(-1);
  const why = asked.data?.why_not ?? tracked.data?.why_not;
  return (
    <Panel
      title={t("equity.title")}
      family="chart"
      query={activation === undefined ? ran : asked}
      error={{ what: t("equity.unread") }}
      empty={points.length < 2 && { text: t("equity.empty") }}
      legend={
        <div className="legend only-d">
          <span>
            <i className="key" style={{ color: "var(--series-1)", height: 3 }} />
            {t("equity.live")}
          </span>
          {compare && (
            <span>
              <i className="key" style={{ color: "var(--series-2)" }} />
              {t("equity.replay")}
            </span>
          )}
          {band.length > 0 && (
            <span>
              <i className="box" style={{ background: "var(--series-5)", opacity: 0.35 }} />
              {t("equity.band")}
            </span>
          )}
        </div>
      }
    >
      <div className="body">
        <Suspense fallback={<Skeleton family="chart" />}>
          <EquityPair
            points={points}
            expected={band}
            compare={compare}
            height={296}
            heads={{ equity: t("equity.in", { quote }), drawdown: t("equity.drawdown") }}
            sentence={t("equity.sentence", {
              quote,
              from: money(activation?.allotment),
              to: money(last?.equity),
              replay: money(last?.replay),
              start: date(points[0]?.time),
              end: date(last?.time),
              drawdown: percent(Math.min(0, ...points.map((point) => point.drawdown))),
            })}
          />
        </Suspense>
        {why && <p className="t3 cap">{t("equity.whyNot", { why })}</p>}
      </div>
    </Panel>
  );
}
