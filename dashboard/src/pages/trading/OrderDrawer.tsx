/** One order from its signal to its trade: states with times, both ids, what risk said, the fills. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/problem";
import { exact, latency, moment, price, quantity, ratio, signedMoney } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { Icon } from "@/parts/Icon";
import { Skeleton } from "@/parts/Skeleton";
import { OrderStateWord } from "./parts";
import { type Explained, explainedOrder } from "./queries";

export function OrderDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("trading");
  const asked = useQuery(explainedOrder(id));
  const order = asked.data?.order;
  return (
    <Dialog
      open
      look="drawer"
      onClose={onClose}
      badge={order && <ModeBadge mode={order.mode as Mode} small />}
      title={
        order
          ? t("drawer.title", {
              role: t(`roles.${order.role}`, { defaultValue: order.role }),
              pair: order.pair,
            })
          : t("drawer.loading")
      }
    >
      {asked.isPending && <Skeleton family="table" rows={8} />}
      {asked.error && (
        <p className="crit" role="alert">
          {asApiError(asked.error).message}{" "}
          <button type="button" className="lnk" onClick={() => void asked.refetch()}>
            {t("again")}
          </button>
        </p>
      )}
      {asked.data && <Told told={asked.data} />}
    </Dialog>
  );
}

function Told({ told }: { told: Explained }) {
  const { t } = useTranslation("trading");
  const { order, slippage } = told;
  const word = (state: string) => t(`states.${state}`, { defaultValue: state });
  return (
    <>
      <Facts
        rows={[
          [t("state"), <OrderStateWord key="state" state={order.state} />],
          [
            t("quantity"),
            t("drawer.filledOf", {
              filled: quantity(order.filled),
              quantity: quantity(order.quantity),
            }),
          ],
          [t("price"), price(order.price ?? slippage?.average)],
          [t("clientId"), <Id key="client" value={order.client_order_id} />],
          [t("venueId"), <Id key="venue" value={order.venue_order_id} />],
          [
            t("drawer.configuration"),
            <Link key="c" className="lnk" to={`/configurations/${told.configuration.id}`}>
              {told.configuration.strategy_name} {told.configuration.interval}
            </Link>,
          ],
        ]}
      />
      <h3 className="md">{t("drawer.states")}</h3>
      <ol className="log">
        {told.events.map((event) => (
          <li key={event.sequence}>
            <time title={exact(event.time)}>{moment(event.time)}</time>
            <Icon name="fill" size="xs" className="t3" />
            <span>{word(event.type.replace("order.", "").toUpperCase())}</span>
          </li>
        ))}
      </ol>
      <h3 className="md">{t("drawer.why")}</h3>
      <div>
        <EvidenceRow
          state={
            told.signal === null ? "note" : told.signal.mismatches.length === 0 ? "met" : "unmet"
          }
          name={t("drawer.signal")}
          plain={
            told.signal === null
              ? t("drawer.noSignal")
              : (told.signal.why_not ??
                t(told.verdict === "equal" ? "drawer.same" : "drawer.different"))
          }
          value={
            told.signal &&
            t(`actions.${told.signal.recorded.action}`, {
              defaultValue: told.signal.recorded.action,
            })
          }
          threshold={told.signal && moment(told.signal.recorded.bar_time)}
        />
        <EvidenceRow
          state={told.risk.verdict === "refused" ? "unmet" : "met"}
          name={t("drawer.risk")}
          plain={t(`drawer.risks.${told.risk.verdict}`, { code: told.risk.code })}
          value={told.risk.wallet_state}
          threshold={told.risk.code}
        />
      </div>
      {told.fills.length > 0 && (
        <>
          <h3 className="md">{t("drawer.fills")}</h3>
          <Facts
            rows={[
              ...told.fills.map(
                (fill) =>
                  [
                    `${moment(fill.time)}, ${t(`liquidity.${fill.liquidity}`, { defaultValue: fill.liquidity })}`,
                    t("drawer.fill", {
                      quantity: quantity(fill.quantity),
                      price: price(fill.price),
                    }),
                  ] as [string, ReactNode],
              ),
              [t("drawer.feesPaid"), signedMoney(-Number(told.fees.quote))],
              [t("drawer.slippage"), slippage === null ? "–" : `${ratio(slippage.bps, 1)} bp`],
              [t("drawer.toSent"), latency(told.latency.close_to_sent_ms)],
              [t("drawer.toAcknowledged"), latency(told.latency.sent_to_acknowledged_ms)],
            ]}
          />
        </>
      )}
      <div className="row">
        <Link
          className="btn"
          to="/markets"
          search={{
            configuration: order.configuration_id,
            activation: order.activation_id,
            ...(told.trade && { trade: told.trade.id }),
          }}
        >
          <Icon name="markets" />
          {t("onChart")}
        </Link>
        {told.signal && (
          <Link className="btn" to={`/signals/${told.signal.recorded.id}`}>
            <Icon name="signal" />
            {t("drawer.openSignal")}
          </Link>
        )}
      </div>
    </>
  );
}

export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="kv">
      {rows.map(([name, value], index) => (
        <div key={index} className="contents">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Id({ value }: { value: string | null }) {
  return value === null ? (
    <span className="t3">–</span>
  ) : (
    <span className="mono xs break-all whitespace-normal">{value}</span>
  );
}
