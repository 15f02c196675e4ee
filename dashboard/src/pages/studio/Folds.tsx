import { useState } from "react";
import { useTranslation } from "react-i18next";
import { count, date, percent, ratio, signedPercent, signedRatio } from "@/format";
import { ChartFrame } from "@/parts/charts/ChartFrame";
import { type Asked, Panel } from "@/parts/Panel";
import { type Fold, foldOf } from "./fold";
import type { Verdict } from "./query";
import { extentOf, scaleOf, stepFrom, ticksOf } from "./scale";

const WIDTH = 420;
const HEIGHT = 236;
const LEFT = 34;
const BOTTOM = 22;

/** What each search showed on the bars it saw, beside what its choice earned on those after them. */
export function Folds({ query }: { query: Asked & { data?: Verdict } }) {
  const { t } = useTranslation("studio");
  const folds = (query.data?.folds ?? []).map(foldOf);
  const drawn = folds.filter((fold) => fold.trained !== null || fold.later !== null);
  return (
    <Panel
      title={t("folds.title")}
      query={query}
      family="chart"
      error={{ what: t("verdict.unread") }}
      empty={drawn.length === 0 && { text: t(folds.length ? "folds.noTrades" : "folds.empty") }}
      legend={
        <span className="sp legend">
          <span>
            <i className="key" style={{ background: "var(--text-2)" }} />
            {t("folds.training")}
          </span>
          <span>
            <i className="box" style={{ background: "var(--profit)" }} />
            <i className="box" style={{ background: "var(--loss)" }} />
            {t("folds.later")}
          </span>
        </span>
      }
    >
      <div className="body">
        <Picture folds={folds} />
      </div>
    </Panel>
  );
}

function Picture({ folds }: { folds: Fold[] }) {
  const { t } = useTranslation("studio");
  const [at, setAt] = useState(0);
  const values = folds.flatMap(({ trained, later }) => [trained ?? 0, later ?? 0]);
  const extent = extentOf([0, ...values], 0.06);
  const y = scaleOf(extent, [HEIGHT - BOTTOM, 4]);
  const step = (WIDTH - LEFT) / folds.length;
  const wide = Math.min(step * 0.62, 34);
  const left = (index: number) => LEFT + step * index + (step - wide) / 2;
  const fold = folds[at];
  const won = folds.filter((one) => (one.later ?? 0) > 0).length;
  const every = Math.ceil(folds.length / 6);
  return (
    <ChartFrame
      sentence={t("folds.sentence", { count: folds.length, won })}
      height={HEIGHT}
      onKey={(event) => {
        const by = Math.sign(stepFrom(event));
        if (by === 0) return false;
        setAt((before) => Math.min(Math.max(before + by, 0), folds.length - 1));
        return true;
      }}
      table={() => ({
        columns: [
          { head: t("folds.number") },
          { head: t("folds.trainedOn") },
          { head: t("folds.judgedOn") },
          { head: t("parameters") },
          { head: t("folds.sharpeTraining"), numeric: true },
          { head: t("folds.sharpeLater"), numeric: true },
          { head: t("folds.returnLater"), numeric: true },
          { head: t("folds.drawdown"), numeric: true },
          { head: t("folds.trades"), numeric: true },
        ],
        rows: folds.map((one) => [
          one.number,
          spanOf(one.train),
          spanOf(one.test),
          one.parameters,
          ratio(one.trained),
          signedRatio(one.later),
          signedPercent(one.earned),
          percent(one.drawdown),
          count(one.trades),
        ]),
      })}
    >
      <svg className="ch w-full" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {ticksOf(extent, 5).map((tick) => (
          <g key={tick}>
            <line
              x1={LEFT}
              x2={WIDTH}
              y1={y(tick)}
              y2={y(tick)}
              stroke={tick === 0 ? "var(--border-strong)" : "var(--grid)"}
            />
            <text x={LEFT - 7} y={y(tick) + 4} textAnchor="end">
              {ratio(tick, Number.isInteger(tick) ? 0 : 1)}
            </text>
          </g>
        ))}
        {folds.map((one, index) => (
          <g key={one.number} onPointerEnter={() => setAt(index)}>
            <rect
              x={LEFT + step * index}
              y={0}
              width={step}
              height={HEIGHT - BOTTOM}
              fill={index === at ? "var(--surface-2)" : "transparent"}
            />
            {one.later !== null && (
              <rect
                x={left(index)}
                y={Math.min(y(0), y(one.later))}
                width={wide}
                height={Math.max(Math.abs(y(one.later) - y(0)), 1)}
                rx="1.5"
                fill={one.later > 0 ? "var(--profit)" : "var(--loss)"}
              />
            )}
            {one.trained !== null && (
              <line
                x1={left(index) - 4}
                x2={left(index) + wide + 4}
                y1={y(one.trained)}
                y2={y(one.trained)}
                stroke="var(--text-2)"
                strokeWidth="2"
              />
            )}
            {index % every === 0 && one.test && (
              <text x={left(index) + wide / 2} y={HEIGHT - 6} textAnchor="middle">
                {date(one.test[0])}
              </text>
            )}
          </g>
        ))}
      </svg>
      <p className="cap t3" aria-live="polite">
        {fold &&
          t("folds.told", {
            number: fold.number,
            span: spanOf(fold.test),
            trained: ratio(fold.trained),
            later: signedRatio(fold.later),
            earned: signedPercent(fold.earned),
            parameters: fold.parameters,
          })}
      </p>
    </ChartFrame>
  );
}

const spanOf = (span: Fold["test"]) =>
  span === null ? "–" : `${date(span[0])} – ${date(span[1] - 1)}`;
