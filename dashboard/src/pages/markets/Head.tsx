import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useConfigurations } from "@/api/names";
import { PageHead } from "@/app/PageHead";
import { price } from "@/format";
import { StageBadge } from "@/parts/badges";
import { useAge } from "@/parts/freshness";
import { Icon, type IconName } from "@/parts/Icon";
import { StaleChip } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { KINDS, type Kind } from "./marks";
import { useTick } from "./tick";
import type { useMarket } from "./useMarket";

type Props = {
  market: ReturnType<typeof useMarket>;
  shown: ReadonlySet<Kind>;
  onShown: (shown: ReadonlySet<Kind>) => void;
  asTable: boolean;
  onAsTable: (asTable: boolean) => void;
};
const ICONS: Record<Kind, IconName> = {
  signals: "signal",
  orders: "stop",
  fills: "fill",
  stops: "close",
};
const OLDEST_PRICE_MS = 5_000;

export function Head({ market, shown, onShown, asTable, onAsTable }: Props) {
  const { t } = useTranslation("markets");
  const { series, configuration, kept } = market;
  const pairs = useMemo(() => {
    const names = (kept.data ?? []).map((one) => `${one.exchange} ${one.pair}`);
    return [...new Set(names)];
  }, [kept.data]);
  const toggle = (kind: Kind) => {
    const next = new Set(shown);
    if (!next.delete(kind)) next.add(kind);
    onShown(next);
  };
  return (
    <PageHead title={series?.pair ?? t("title")}>
      <Price market={market} />
      <select
        className="inp s"
        aria-label={t("instrument")}
        value={series ? `${series.exchange} ${series.pair}` : ""}
        onChange={({ target }) => {
          const [exchange, pair] = target.value.split(" ");
          market.set({
            exchange,
            pair,
            configuration: undefined,
            activation: undefined,
            trade: undefined,
            at: undefined,
          });
        }}
      >
        {series === null && <option value="">{t("instrument")}</option>}
        {pairs.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Segments
        className="flex-none max-w-full overflow-x-auto"
        label={t("interval")}
        value={series?.interval ?? ""}
        onChange={(interval) => market.set({ interval })}
        options={market.intervals.map((value) => ({ value, label: value }))}
      />
      <Configuration market={market} />
      {configuration && (
        <span className="only-d">
          <StageBadge stage={configuration.lifecycle_stage} />
        </span>
      )}
      <span className="sp row">
        {market.activation && (
          <div className="seg only-d" role="group" aria-label={t("markers")}>
            {KINDS.map((kind) => (
              <button
                key={kind}
                type="button"
                aria-pressed={shown.has(kind)}
                onClick={() => toggle(kind)}
              >
                <Icon name={ICONS[kind]} size="xs" />
                {t(`kinds.${kind}`)}
              </button>
            ))}
          </div>
        )}
        <button
          type="button"
          className="btn"
          aria-pressed={asTable}
          onClick={() => onAsTable(!asTable)}
        >
          {t(asTable ? "asChart" : "asTable")}
        </button>
      </span>
    </PageHead>
  );
}

function Price({ market }: Pick<Props, "market">) {
  const { quote, series } = market;
  const tick = useTick(series);
  const age = useAge(quote?.written_at, OLDEST_PRICE_MS);
  if (quote === null) return null;
  return (
    <span className="row">
      <span className={`md text-[1.125rem] ${age.isStale ? "stale" : ""}`}>
        {price(quote.last, tick)}
      </span>
      {age.isStale && <StaleChip ageMs={age.ageMs} />}
    </span>
  );
}

/** Whose lines and marks are on the chart. */
function Configuration({ market }: Pick<Props, "market">) {
  const { t } = useTranslation("markets");
  const all = useConfigurations();
  const { series, configuration } = market;
  const fitting = [...all.values()].filter(
    (one) => one.exchange === series?.exchange && one.pair === series?.pair,
  );
  if (fitting.length === 0) return null;
  return (
    <select
      className="inp s"
      aria-label={t("configuration")}
      value={configuration?.id ?? ""}
      onChange={({ target }) =>
        market.set({
          configuration: target.value || undefined,
          exchange: series?.exchange,
          pair: series?.pair,
          activation: undefined,
          trade: undefined,
        })
      }
    >
      <option value="">{t("onlyBars")}</option>
      {fitting.map((one) => (
        <option key={one.id} value={one.id}>
          {one.strategy_name} {one.interval} {one.configuration_hash.slice(0, 4)}
        </option>
      ))}
    </select>
  );
}
