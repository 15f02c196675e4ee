import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { date, price, quantity, tone } from "@/format";
import { type Bar, barAt } from "@/parts/charts/bars";
import type { Level } from "@/parts/charts/candleSeries";
import type { OpenTrade } from "@/parts/charts/zone";
import { Icon } from "@/parts/Icon";
import { Menu } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import { Skeleton } from "@/parts/Skeleton";
import type { Position } from "../trading/queries";
import { NO_BARS } from "./columns";
import { intervalMs } from "./intervals";
import { type Kind, type Marker, marksOf } from "./marks";
import { useOverlays } from "./overlays";
import { markers } from "./queries";
import { useTick } from "./tick";
import { useBars } from "./useBars";
import type { useMarket } from "./useMarket";

const CandleChart = lazy(() => import("@/parts/charts/CandleChart"));

type Props = {
  market: ReturnType<typeof useMarket>;
  position: Position | null;
  shown: ReadonlySet<Kind>;
  chosen: string | null;
  lookAt: number | null;
  asTable: boolean;
  onAsTable: (asTable: boolean) => void;
};
const NONE: Marker[] = [];
const KEYS = ["--series-2", "--series-1", "--series-3", "--series-4", "--series-6", "--series-5"];
const GRAIN = 256;

export function ChartPanel(props: Props) {
  const { t } = useTranslation("markets");
  const { market, position, shown, lookAt } = props;
  const { series, activation } = market;
  const [hovered, setHovered] = useState<Bar | null>(null);
  const window = useBars(series, market.end, lookAt);
  const bars = window.bars ?? NO_BARS;
  const tick = useTick(series);
  const overlays = useOverlays(market, window.bars);
  const step = intervalMs(series?.interval ?? "15m");
  const [first, last] = [bars.time[0] ?? 0, bars.time.at(-1) ?? 0];
  // Asked for in large steps: not with every bar that closes.
  const end = (Math.floor(last / step / GRAIN) + 1) * step * GRAIN;
  const told = useQuery({
    ...markers(activation?.id ?? "", first, end),
    enabled: activation !== null && bars.time.length > 0,
  });
  const found = (activation && told.data) || NONE;
  const marks = useMemo(
    () => marksOf(found, bars, shown, props.chosen),
    [found, bars, shown, props.chosen],
  );
  const levels = useMemo(
    () => levelsOf(position, found, shown, (key) => t(`levels.${key}`)),
    [position, found, shown, t],
  );
  const openTrade = useMemo(() => zoneOf(position, step), [position, step]);
  const bar = hovered ?? barAt(bars, bars.time.length - 1);
  const sentence = t("sentence", {
    pair: series?.pair,
    interval: series?.interval,
    start: date(first),
    end: date(last),
    close: price(bars.close.at(-1), tick),
    count: marks.length,
  });
  return (
    <Panel
      title={<Read bar={bar} tick={tick} />}
      family="chart"
      query={
        series === null
          ? market.kept
          : {
              isPending: window.isPending,
              error: window.error,
              data: window.bars ?? undefined,
              refetch: window.again,
            }
      }
      error={{ what: t("unread") }}
      empty={window.bars !== null && bars.time.length === 0 && { text: t("empty") }}
      legend={
        <span className="legend only-d">
          {overlays.lines.map((line, index) => (
            <span key={line.id}>
              <i className="key" style={{ color: `var(${KEYS[index % KEYS.length]})` }} />
              {line.name} {price(line.values[line.values.length - 1], tick)}
            </span>
          ))}
        </span>
      }
      action={
        overlays.nodes.length > 0 && (
          <span className="sp">
            <Menu
              label={t("lines")}
              items={overlays.nodes.map((node) => ({
                label: node.expression,
                icon: overlays.ids.includes(node.id) ? "check" : undefined,
                run: () => overlays.toggle(node.id),
              }))}
            >
              <button type="button" className="btn ghost">
                {t("lines")}
                <Icon name="down" size="xs" />
              </button>
            </Menu>
          </span>
        )
      }
    >
      <div className="body">
        <Suspense fallback={<Skeleton family="chart" />}>
          <CandleChart
            sentence={sentence}
            bars={bars}
            tick={tick}
            overlays={overlays.lines}
            marks={marks}
            levels={levels}
            openTrade={openTrade}
            lookAt={lookAt}
            onHover={setHovered}
            onOlder={window.older}
            onNewer={window.newer}
            asTable={props.asTable}
            onAsTable={props.onAsTable}
            height={456}
          />
        </Suspense>
        {market.configuration !== null && !overlays.fits && (
          <p className="cap t3">
            {t("otherInterval", { interval: market.configuration.interval })}
          </p>
        )}
        {overlays.error !== null && <p className="cap warn">{t("noLines")}</p>}
      </div>
    </Panel>
  );
}

/** The bar under the crosshair, or the last one. */
function Read({ bar, tick }: { bar: Bar | null; tick: string | null }) {
  const { t } = useTranslation("markets");
  if (bar === null) return <span>{t("chart")}</span>;
  const of = [
    ["O", bar.open],
    ["H", bar.high],
    ["L", bar.low],
  ] as const;
  return (
    <span className="row xs font-normal">
      <span className="sr">{t("chart")}</span>
      {of.map(([name, value]) => (
        <span key={name}>
          <span className="t3">{name}</span> {price(value, tick)}
        </span>
      ))}
      <span>
        <span className="t3">C</span>{" "}
        <b className={tone(bar.close - bar.open, 8)}>{price(bar.close, tick)}</b>
      </span>
      <span className="only-d">
        <span className="t3">{t("volume")}</span> {quantity(bar.volume.toPrecision(6))}
      </span>
    </span>
  );
}

function levelsOf(
  position: Position | null,
  found: Marker[],
  shown: ReadonlySet<Kind>,
  word: (key: "entry" | "stop" | "target" | "order") => string,
): Level[] {
  const levels: Level[] = [];
  const add = (value: string | null, tone: Level["tone"]) => {
    if (value !== null) levels.push({ price: Number(value), title: word(tone), tone });
  };
  if (position !== null) {
    add(position.entry_price, "entry");
    add(position.stop, "stop");
    add(position.target, "target");
  }
  if (shown.has("orders")) {
    for (const one of found) {
      if (one.kind === "order" && one.end_time === null) add(one.price, "order");
    }
  }
  return levels;
}

function zoneOf(position: Position | null, step: number): OpenTrade | null {
  if (position === null) return null;
  const number = (text: string | null) => (text === null ? null : Number(text));
  return {
    since: Math.floor(position.entry_time / step) * step,
    entry: Number(position.entry_price),
    stop: number(position.stop),
    target: number(position.target),
  };
}
