/** The order book of the pair as it is told, best in the middle; with its age where it is old. */
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import { price, quantity } from "@/format";
import { Panel } from "@/parts/Panel";
import { useTick } from "./tick";
import type { useMarket } from "./useMarket";

type Level = { price: string; quantity: string; sum: number };
const LEVELS = 8;
const OLDEST_MS = 5_000;

export function Depth({ market, title }: { market: ReturnType<typeof useMarket>; title: string }) {
  const { t } = useTranslation("markets");
  const book = useLive("depth", market.key);
  const tick = useTick(market.series);
  const base = market.series?.pair.split("/")[0] ?? "";
  const asks = summed(book?.asks ?? []);
  const bids = summed(book?.bids ?? []);
  const most = Math.max(asks.at(-1)?.sum ?? 0, bids.at(-1)?.sum ?? 0);
  const spread =
    asks[0] && bids[0]
      ? price((Number(asks[0].price) - Number(bids[0].price)).toFixed(8), tick)
      : null;
  return (
    <Panel
      title={title}
      asOf={book?.written_at}
      oldestMs={OLDEST_MS}
      empty={
        asks.length + bids.length === 0 && {
          text: t(market.activation === null ? "depth.nobody" : "depth.empty"),
        }
      }
    >
      <table className="xs" aria-label={title}>
        <thead>
          <tr>
            <th scope="col">{t("depth.price")}</th>
            <th scope="col" className="r">
              {base}
            </th>
            <th scope="col" className="r">
              {t("depth.sum")}
            </th>
          </tr>
        </thead>
        <tbody>
          {asks.toReversed().map((level) => (
            <Row key={`a${level.price}`} level={level} most={most} tick={tick} side="ask" />
          ))}
          <tr>
            <td className="md">{price(market.quote?.last, tick)}</td>
            <td colSpan={2} className="r t3">
              {spread !== null && t("depth.spread", { spread })}
            </td>
          </tr>
          {bids.map((level) => (
            <Row key={`b${level.price}`} level={level} most={most} tick={tick} side="bid" />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row(props: { level: Level; most: number; tick: string | null; side: "ask" | "bid" }) {
  const { level, most, tick, side } = props;
  const width = most > 0 ? (level.sum / most) * 100 : 0;
  const soft = side === "ask" ? "var(--loss-soft)" : "var(--profit-soft)";
  const style = {
    background: `linear-gradient(to left, ${soft} ${width}%, transparent ${width}%)`,
  };
  return (
    <tr style={style}>
      <td className={`h-5! border-0! md ${side === "ask" ? "neg" : "pos"}`}>
        {price(level.price, tick)}
      </td>
      <td className="r h-5! border-0!">{quantity(level.quantity)}</td>
      <td className="r t2 h-5! border-0!">{quantity(level.sum.toPrecision(6))}</td>
    </tr>
  );
}

/** The best levels with what is offered up to each. */
function summed(side: string[][]): Level[] {
  let sum = 0;
  return side.slice(0, LEVELS).map(([price = "", quantity = ""]) => {
    sum += Number(quantity);
    return { price, quantity, sum };
  });
}
