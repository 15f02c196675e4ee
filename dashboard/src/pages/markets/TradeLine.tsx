/** One trade as a line of time: from the bar that closed to the stop that rests, then its end. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { exact, latency, moment, price, quantity, signedMoney, tone } from "@/format";
import { Arrow, Icon } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import { type Explained, explainedOrder, type Trade } from "../trading/queries";
import { intervalMs } from "./intervals";

type Props = {
  query: Asked;
  trade: Trade | null;
  quote: string;
  interval: string;
  onWalk: (step: number) => void;
  isFirst: boolean;
  isLast: boolean;
};

export function TradeLine(props: Props) {
  const { t } = useTranslation("markets");
  const trading = useTranslation("trading").t;
  const { trade } = props;
  const told = useQuery({ ...explainedOrder(trade?.id ?? ""), enabled: trade !== null });
  return (
    <Panel
      title={trade === null ? t("trade.none") : t("trade.title", { id: trade.id.slice(0, 6) })}
      meta={
        trade && (
          <span className="row">
            <Arrow up={trade.side === "long"} size={8} />
            <span className="t2">
              {trading(`sides.${trade.side}`)} {quantity(trade.quantity)} {trade.pair.split("/")[0]}
            </span>
            <b className={tone(trade.pnl)}>
              {signedMoney(trade.pnl)} {props.quote}
            </b>
            <span className="only-d">
              {t("trade.span", {
                start: moment(trade.entry_time),
                end: moment(trade.exit_time),
                why: trading(`exits.${trade.exit_reason}`, { defaultValue: trade.exit_reason }),
              })}
            </span>
          </span>
        )
      }
      query={props.query}
      rows={2}
      error={{ what: t("trade.unread") }}
      empty={trade === null && { text: t("trade.empty") }}
      action={
        <span className="sp row">
          <button
            type="button"
            className="btn ghost icon"
            aria-label={t("trade.before")}
            disabled={props.isFirst}
            onClick={() => props.onWalk(-1)}
          >
            <Icon name="left" />
          </button>
          <button
            type="button"
            className="btn ghost icon"
            aria-label={t("trade.after")}
            disabled={props.isLast}
            onClick={() => props.onWalk(1)}
          >
            <Icon name="right" />
          </button>
        </span>
      }
    >
      {trade !== null && told.data && (
        <div className="body">
          <ol className="grid gap-3 pt-2 full:grid-cols-7 desk:grid-cols-4">
            {stepsOf(told.data, props.interval).map((step) => (
              <li key={step.name} className="xs min-w-0 border-t-2 border-border-strong pt-2">
                <b className="md block">{t(`steps.${step.name}`)}</b>
                <span className="mono t2 block" title={exact(step.time)}>
                  {step.after === null ? moment(step.time) : `+${latency(step.after)}`}
                </span>
                <small className="t3 block ell">{said(step, t, trading)}</small>
              </li>
            ))}
          </ol>
          <p className="row mt-2 xs">
            <Link className="lnk" to={`/trading/${told.data.order.id}`}>
              {t("trade.order")}
            </Link>
            {told.data.signal && (
              <Link className="lnk" to={`/signals/${told.data.signal.recorded.id}`}>
                {t("trade.signal")}
              </Link>
            )}
          </p>
        </div>
      )}
    </Panel>
  );
}

type Step = {
  name: "bar" | "signal" | "risk" | "sent" | "acknowledged" | "filled" | "protected";
  time: number | null;
  /** Since the step before, where both are known by the same clock. */
  after: number | null;
  told: Explained;
};
type Translate = (key: string, options?: Record<string, unknown>) => string;

/** What is known of the way from a bar to a protected position; what is not is left open. */
export function stepsOf(told: Explained, interval: string): Step[] {
  const { signal, latency: took, fills, orders } = told;
  const closed = signal === null ? null : signal.recorded.bar_time + intervalMs(interval);
  const event = (type: string) => told.events.find((one) => one.type === type)?.time ?? null;
  const intended = event("order.intended");
  const since = (time: number | null) =>
    time === null || intended === null ? null : Math.max(time - intended, 0);
  const stop = orders.find(({ role }) => role === "stop");
  const step = (name: Step["name"], time: number | null, after: number | null = null): Step => ({
    name,
    time,
    after,
    told,
  });
  return [
    step("bar", closed),
    ...(signal === null ? [] : [step("signal", closed)]),
    // A sandbox's bars are of another time than its clock: the two do not stand on one line.
    step("risk", told.activation.feed === "live" ? intended : null),
    step("sent", told.order.sent_at, took.close_to_sent_ms ?? since(told.order.sent_at)),
    step("acknowledged", told.order.acknowledged_at, took.sent_to_acknowledged_ms),
    step("filled", fills[0]?.time ?? null, since(event("order.filled"))),
    ...(stop ? [step("protected", fills.at(-1)?.time ?? null)] : []),
  ];
}

function said({ name, told }: Step, t: Translate, trading: Translate): string {
  const stop = told.orders.find(({ role }) => role === "stop");
  const first = told.fills[0];
  switch (name) {
    case "bar":
      return told.configuration.interval;
    case "signal":
      return trading(`actions.${told.signal?.recorded.action}`, { defaultValue: "–" });
    case "risk":
      return t(`risks.${told.risk.verdict}`, { defaultValue: told.risk.verdict });
    case "sent":
      return told.order.client_order_id;
    case "acknowledged":
      return told.order.venue_order_id ?? "–";
    case "filled":
      return first
        ? t("steps.at", { quantity: quantity(told.order.filled), price: price(first.price) })
        : "–";
    case "protected":
      return t("steps.stopAt", { price: price(stop?.price) });
  }
}
