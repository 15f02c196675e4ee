import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { moment, price } from "@/format";
import { Signed } from "@/parts/Signed";

type Trade = Shapes["TripShape"] & Partial<Pick<Shapes["MissedShape"], "verdict" | "reason">>;
const MOST = 50;

/** Trades that only one of the two made; opened by the reader. */
export function OtherTrades({ kind, trades }: { kind: "missed" | "extra"; trades: Trade[] }) {
  const { t } = useTranslation("performance");
  if (trades.length === 0) return <p className="t2">{t(`others.${kind}_none`)}</p>;
  return (
    <details>
      <summary className="lnk cursor-pointer">
        {t(`others.${kind}`, { count: trades.length })}
      </summary>
      <div
        className="scroll-x scroll-y"
        style={{ maxHeight: 220 }}
        tabIndex={0}
        role="group"
        aria-label={t(`others.${kind}`, { count: trades.length })}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{t("others.entry")}</th>
              <th scope="col">{t("others.side")}</th>
              <th scope="col" className="r">
                {t("others.price")}
              </th>
              <th scope="col" className="r">
                {t("others.pnl")}
              </th>
              {kind === "missed" && <th scope="col">{t("others.why")}</th>}
            </tr>
          </thead>
          <tbody>
            {trades.slice(0, MOST).map((trade, index) => (
              <tr key={index}>
                <td>{moment(trade.entry_time)}</td>
                <td>{t(`others.${trade.side}`)}</td>
                <td className="r">{price(trade.entry_price)}</td>
                <td className="r">
                  <Signed value={trade.pnl} />
                </td>
                {kind === "missed" && (
                  <td className="t2">
                    {trade.verdict == null
                      ? t("others.noSignal")
                      : [trade.verdict, trade.reason].filter(Boolean).join(": ")}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {trades.length > MOST && <p className="t3 xs">{t("others.first", { n: MOST })}</p>}
    </details>
  );
}
