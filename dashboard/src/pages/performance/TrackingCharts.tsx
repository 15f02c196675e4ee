import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { count, moment, percent, ratio, signedPercent } from "@/format";
import { type Asked, Panel } from "@/parts/Panel";
import { type Line, TrackChart } from "./TrackChart";

type Props = { tracked: Asked & { data?: Shapes["TrackingShape"] } };

/** Shortfalls added up against their two lines, and the fall from the peak against its two paths. */
export function TrackingCharts({ tracked }: Props) {
  return (
    <div className="g stack">
      <Cusum tracked={tracked} />
      <Drawdown tracked={tracked} />
    </div>
  );
}

function Cusum({ tracked }: Props) {
  const { t } = useTranslation("performance");
  const chart = tracked.data?.cusum ?? null;
  const items = chart?.items ?? [];
  const last = Math.max(items.length, 10);
  const flat = (value: number): Line["points"] => [
    [0, value],
    [last, value],
  ];
  const lines: Line[] =
    chart === null
      ? []
      : [
          {
            name: t("charts.decayed"),
            token: "critical",
            dashed: true,
            points: flat(chart.decayed),
          },
          { name: t("charts.watch"), token: "warning", dashed: true, points: flat(chart.watch) },
          {
            name: t("charts.sum"),
            token: "series-1",
            points: [
              [0, 0],
              ...items.map((item, index): [number, number] => [index + 1, item.sum]),
            ],
          },
        ];
  return (
    <Panel
      title={t("charts.cusum")}
      query={tracked}
      family="chart"
      error={{ what: t("tracking.unread") }}
      empty={
        items.length === 0 && {
          text: t(chart === null ? "tracking.noPromise" : "tracking.noTrades"),
        }
      }
      legend={<Legend lines={lines} />}
    >
      <div className="body">
        <TrackChart
          lines={lines}
          writeX={(value) => t("charts.trade", { n: count(value) })}
          writeY={(value) => ratio(value, 1)}
          sentence={t("charts.cusumSentence", {
            count: items.length,
            sum: ratio(items.at(-1)?.sum),
            watch: ratio(chart?.watch),
            decayed: ratio(chart?.decayed),
          })}
          table={() => ({
            columns: [
              { head: t("charts.closed") },
              { head: t("charts.result"), numeric: true },
              { head: t("charts.sum"), numeric: true },
            ],
            rows: items
              .map((item) => [moment(item.time), signedPercent(item.value), ratio(item.sum)])
              .toReversed(),
          })}
        />
      </div>
    </Panel>
  );
}

function Drawdown({ tracked }: Props) {
  const { t } = useTranslation("performance");
  const live = tracked.data?.live ?? [];
  const expected = tracked.data?.expected ?? [];
  const path = (line: "fall_95" | "fall_99"): Line["points"] => [
    [0, 0],
    ...expected.map((day): [number, number] => [day.day, day[line]]),
  ];
  const lines: Line[] = [
    ...(expected.length === 0
      ? []
      : [
          {
            name: t("charts.fall95"),
            token: "warning" as const,
            dashed: true,
            points: path("fall_95"),
          },
          {
            name: t("charts.fall99"),
            token: "critical" as const,
            dashed: true,
            points: path("fall_99"),
          },
        ]),
    {
      name: t("charts.live"),
      token: "series-1",
      points: [[0, 0], ...live.map((day): [number, number] => [day.day, day.drawdown])],
    },
  ];
  return (
    <Panel
      title={t("charts.drawdown")}
      query={tracked}
      family="chart"
      error={{ what: t("tracking.unread") }}
      empty={live.length === 0 && { text: t("tracking.noDays") }}
      legend={<Legend lines={lines} />}
    >
      <div className="body">
        <TrackChart
          lines={lines}
          writeX={(value) => t("charts.day", { n: count(value) })}
          writeY={(value) => percent(value, 1)}
          sentence={t("charts.drawdownSentence", {
            count: live.length,
            deepest: percent(Math.min(0, ...live.map((day) => day.drawdown))),
          })}
          table={() => ({
            columns: [
              { head: t("charts.dayEnd") },
              { head: t("charts.live"), numeric: true },
              { head: t("charts.growth"), numeric: true },
            ],
            rows: live
              .map((day) => [
                moment(day.time),
                percent(day.drawdown),
                signedPercent(day.growth - 1),
              ])
              .toReversed(),
          })}
        />
      </div>
    </Panel>
  );
}

function Legend({ lines }: { lines: Line[] }) {
  return (
    <div className="legend only-d sp">
      {lines.map((line) => (
        <span key={line.name}>
          <svg width="14" height="4" aria-hidden="true">
            <line
              x2="14"
              y1="2"
              y2="2"
              stroke={`var(--${line.token})`}
              strokeWidth="2"
              strokeDasharray={line.dashed ? "4 2" : undefined}
            />
          </svg>
          {line.name}
        </span>
      ))}
    </div>
  );
}
