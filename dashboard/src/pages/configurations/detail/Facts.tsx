import { useTranslation } from "react-i18next";
import { count, date, exact, percent, ratio, signedPercent } from "@/format";
import { Panel } from "@/parts/Panel";
import { written } from "../compare/differences";
import type { Configuration, Verdict } from "../queries";
import { useSizing } from "../useSizing";

type Fold = {
  number: number;
  test: [number, number];
  test_return: number | null;
  test_sharpe: number | null;
  trades: number;
};

/** What it was found with and on: parameters, the rules of its fills, its data, its folds. */
export function Facts({
  configuration: c,
  verdict,
}: {
  configuration: Configuration;
  verdict: Verdict | undefined;
}) {
  const { t } = useTranslation("configurations");
  const folds = (verdict?.folds ?? []) as unknown as Fold[];
  const sizing = useSizing(c.rules);
  const rules = Object.entries(c.rules).filter(([, value]) => value !== null);
  return (
    <>
      <Panel title={t("facts.parameters")}>
        <List
          items={Object.entries(c.parameters).map(([name, value]) => [name, written(value)])}
          mono
        />
      </Panel>
      <Panel title={t("facts.rules")} meta={t("facts.frozen")}>
        <List
          items={rules.map(([name, value]) => [
            t(`compare.figures.${name}`, { defaultValue: name.replaceAll("_", " ") }),
            name === "sizing" ? sizing : written(value),
          ])}
        />
      </Panel>
      <Panel title={t("facts.origin")}>
        <List
          items={[
            [t("facts.exchange"), `${c.exchange} ${c.pair}`],
            [t("facts.data"), `${date(c.data_start)} – ${date(c.data_end)}`],
            [t("facts.tries"), count(c.trials)],
            [t("facts.fingerprint"), <Hash key="f" text={c.data_fingerprint} />],
            [t("facts.hash"), <Hash key="h" text={c.configuration_hash} />],
            [t("facts.code"), <Hash key="c" text={c.code_version} />],
            [t("facts.created"), <time key="t">{exact(c.created_at)}</time>],
            [t("facts.id"), <Hash key="i" text={c.id} />],
          ]}
        />
      </Panel>
      {folds.length > 0 && (
        <Panel title={t("facts.folds")} meta={t("facts.foldsMeta")}>
          <table aria-label={t("facts.folds")}>
            <thead>
              <tr>
                <th scope="col">{t("facts.test")}</th>
                <th scope="col" className="r">
                  {t("facts.return")}
                </th>
                <th scope="col" className="r">
                  {t("facts.sharpe")}
                </th>
                <th scope="col" className="r">
                  {t("facts.trades")}
                </th>
              </tr>
            </thead>
            <tbody>
              {folds.map((fold) => (
                <tr key={fold.number}>
                  <td>{date(fold.test[0])}</td>
                  <td className={`r ${(fold.test_return ?? 0) > 0 ? "pos" : "neg"}`}>
                    {signedPercent(fold.test_return)}
                  </td>
                  <td className="r">{ratio(fold.test_sharpe)}</td>
                  <td className="r">{count(fold.trades)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      <Panel title={t("facts.metrics")} meta={t("facts.metricsMeta")}>
        <List
          items={[
            [t("compare.figures.totalReturn"), signedPercent(c.metrics.total_return as number)],
            [t("facts.hold"), signedPercent(c.metrics.buy_and_hold_return as number)],
            [t("compare.figures.maxDrawdown"), percent(c.metrics.max_drawdown as number)],
            [t("compare.figures.winRate"), percent(c.metrics.win_rate as number, 0)],
            [t("compare.figures.profitFactor"), ratio(c.metrics.profit_factor as number)],
            [t("compare.figures.tradeCount"), count(c.metrics.trade_count as number)],
          ]}
        />
      </Panel>
    </>
  );
}

function List({ items, mono = false }: { items: [string, React.ReactNode][]; mono?: boolean }) {
  return (
    <dl className="kv body">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className={mono ? "mono" : ""}>{name}</dt>
          <dd className="min-w-0 ell">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Hash({ text }: { text: string }) {
  return (
    <span className="mono" title={text}>
      {text.slice(0, 12)}
    </span>
  );
}
