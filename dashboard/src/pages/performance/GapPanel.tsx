import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { count, moment, money, signedMoney, tone } from "@/format";
import { Panel } from "@/parts/Panel";
import { Signed } from "@/parts/Signed";
import type { OfActivation } from "./Detail";
import { OtherTrades } from "./OtherTrades";
import { gap } from "./queries";
import { barOf, type Waterfall, waterfall } from "./waterfall";

/** From what the backtest earned on the same bars to what was earned: cause by cause, to the cent. */
export function GapPanel({ ran, activation, trades, quote }: OfActivation) {
  const { t } = useTranslation("performance");
  const asked = useQuery({
    ...gap(activation?.id ?? "", trades ?? 0),
    enabled: activation !== undefined && trades !== undefined,
  });
  const found = asked.data;
  return (
    <Panel
      title={t("gap.title", { quote })}
      meta={found && t("gap.span", { bars: count(found.bars), to: moment(found.end) })}
      query={activation === undefined ? ran : asked}
      rows={9}
      error={{ what: t("gap.unread") }}
      empty={activation === undefined && { text: t("gap.empty") }}
    >
      {found && <Steps found={found} />}
      {found && (
        <div className="body mt">
          <p className="t3 xs">{t("gap.dataNote")}</p>
          <OtherTrades kind="missed" trades={found.missed} />
          <OtherTrades kind="extra" trades={found.extra} />
        </div>
      )}
    </Panel>
  );
}

function Steps({ found }: { found: Shapes["LiveGapShape"] }) {
  const { t } = useTranslation("performance");
  const picture = waterfall(found);
  const total = found.cents.find(({ part }) => part === "total");
  return (
    <div className="scroll-x">
      <table aria-label={t("gap.label", { total: signedMoney(total?.amount) })}>
        <thead>
          <tr>
            <th scope="col">{t("gap.cause")}</th>
            <th scope="col" className="w-2/5">
              <span className="sr">{t("gap.bar")}</span>
            </th>
            <th scope="col" className="r">
              {t("gap.amount")}
            </th>
            <th scope="col" className="r only-d">
              {t("gap.trades")}
            </th>
          </tr>
        </thead>
        <tbody>
          <End
            name={t("gap.expected")}
            amount={found.expected_pnl}
            trades={found.expected_trades}
            picture={picture}
          />
          {picture.steps.map((step) => (
            <tr key={step.part}>
              <td title={t(`gap.means.${step.part}`)}>
                {t(`gap.parts.${step.part}`)}
                <span className="sr">. {t(`gap.means.${step.part}`)}</span>
              </td>
              <td aria-hidden="true">
                <Bar
                  from={step.from}
                  to={step.to}
                  picture={picture}
                  className={tone(step.amount)}
                />
              </td>
              <td className="r">
                <Signed value={step.amount} />
              </td>
              <td className="r t3 only-d">{count(step.trades)}</td>
            </tr>
          ))}
          <tr>
            <td className="sb">{t("gap.sum")}</td>
            <td aria-hidden="true" />
            <td className="r sb">
              <Signed value={picture.sum} />
            </td>
            <td className="only-d" />
          </tr>
          <End
            name={t("gap.found")}
            amount={found.found_pnl}
            trades={found.found_trades}
            picture={picture}
          />
        </tbody>
      </table>
      {picture.sum !== plain(total?.amount) && (
        <p className="body crit" role="alert">
          {t("gap.broken", { sum: money(picture.sum), total: money(total?.amount) })}
        </p>
      )}
      <p className="body t2 mt">
        {t("gap.reading", { total: signedMoney(total?.amount) })}{" "}
        <Link className="lnk" to="/trading" search={{ tab: "trades" }}>
          {t("gap.toTrades")}
        </Link>
      </p>
    </div>
  );
}

/** "-4.10" and "-4.1" are the same amount. */
const plain = (amount: string | undefined) =>
  amount?.includes(".") ? amount.replace(/\.?0+$/, "") : amount;

function End(props: { name: string; amount: string; trades: number; picture: Waterfall }) {
  return (
    <tr>
      <td className="md">{props.name}</td>
      <td aria-hidden="true">
        <Bar from={0} to={Number(props.amount)} picture={props.picture} className="t2" />
      </td>
      <td className="r md" title={props.amount}>
        <Signed value={props.amount} />
      </td>
      <td className="r t3 only-d">{count(props.trades)}</td>
    </tr>
  );
}

function Bar(props: { from: number; to: number; picture: Waterfall; className: string }) {
  const { left, width } = barOf(props.from, props.to, props.picture);
  const zero = barOf(0, 0, props.picture);
  return (
    <div className={`relative h-3 min-w-20 ${props.className || "t3"}`}>
      <i
        className="absolute inset-y-[-6px] w-px bg-border-strong"
        style={{ left: `${zero.left}%` }}
      />
      <i
        className="absolute inset-y-0 rounded-1 bg-current"
        style={{ left: `${Math.min(left, 99.6)}%`, width: `${width}%` }}
      />
    </div>
  );
}
