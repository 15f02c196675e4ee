/** One signal from its bar to its trade: what each node of the graph said, and what came of it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/problem";
import { moment, price, quantity, signedMoney, tone } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { Icon } from "@/parts/Icon";
import { Skeleton } from "@/parts/Skeleton";
import { Facts } from "../trading/OrderDrawer";
import { OrderStateWord } from "../trading/parts";
import { type Story, story } from "./queries";
import { ActionWord, useReason, VerdictWord } from "./words";

export function SignalDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("signals");
  const asked = useQuery(story(id));
  const told = asked.data;
  return (
    <Dialog
      open
      look="drawer"
      onClose={onClose}
      badge={told && <ModeBadge mode={told.mode as Mode} small />}
      title={told ? t("drawer.title", { pair: told.configuration.pair }) : t("drawer.loading")}
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
      {told && <Told told={told} />}
    </Dialog>
  );
}

function Told({ told }: { told: Story }) {
  const { t } = useTranslation("signals");
  const reason = useReason();
  const { signal, bar, recomputed, order, trade, position, configuration } = told;
  return (
    <>
      <Facts
        rows={[
          [t("said"), <ActionWord key="a" action={signal.action} />],
          [t("verdict"), <VerdictWord key="v" verdict={signal.verdict} />],
          ...(signal.reason ? [[t("why"), reason(signal)] as [string, string]] : []),
          [
            t("configuration"),
            <Link key="c" className="lnk" to={`/configurations/${configuration.id}`}>
              {configuration.strategy_name} {configuration.interval}
            </Link>,
          ],
          [t("bar"), moment(signal.bar_time)],
          ...(bar
            ? ([
                [
                  t("drawer.bar"),
                  [bar.open, bar.high, bar.low, bar.close].map((value) => price(value)).join(" / "),
                ],
              ] as [string, string][])
            : []),
        ]}
      />
      <div>
        <EvidenceRow
          state={recomputed === null ? "note" : recomputed.verdict === "equal" ? "met" : "unmet"}
          name={t("drawer.again")}
          plain={
            recomputed === null
              ? (told.why_not ?? t("drawer.notAgain"))
              : t("drawer.bars", { count: recomputed.bars })
          }
          value={recomputed && t(`drawer.${recomputed.verdict}`)}
          threshold=""
        >
          {recomputed && recomputed.mismatches.length > 0 && (
            <Facts
              rows={recomputed.mismatches.map((m) => [
                m.name,
                t("drawer.differs", { expected: m.expected, found: m.found }),
              ])}
            />
          )}
        </EvidenceRow>
      </div>
      {told.nodes.length > 0 && (
        <>
          <h3 className="md">{t("drawer.graph")}</h3>
          <div
            className="scroll-x scroll-y"
            style={{ maxHeight: 280 }}
            role="group"
            tabIndex={0}
            aria-label={t("drawer.graph")}
          >
            <table>
              <tbody>
                {told.nodes
                  .filter(({ node }) => node.op !== "constant")
                  .toReversed()
                  .map(({ node, value }) => (
                    <tr key={node.id}>
                      <td className="xs whitespace-normal!">
                        {node.outputs.length > 0 && (
                          <span className="chip">
                            {node.outputs
                              .map((name) => t(`actions.${name}`, { defaultValue: name }))
                              .join(", ")}
                          </span>
                        )}{" "}
                        <span className="t2 break-words">{node.expression}</span>
                      </td>
                      <td className="r xs">
                        <Value value={value} isFlag={node.kind !== "series"} />
                      </td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <h3 className="md">{t("drawer.came")}</h3>
      {order === null ? (
        <p className="t2">{t("drawer.noOrder")}</p>
      ) : (
        <Facts
          rows={[
            [
              t("drawer.order"),
              <Link key="o" className="lnk row justify-end" to={`/trading/${order.id}`}>
                <OrderStateWord state={order.state} />
              </Link>,
            ],
            ...told.fills.map(
              (fill) =>
                [
                  t("drawer.fill", { time: moment(fill.time) }),
                  t("drawer.at", { quantity: quantity(fill.quantity), price: price(fill.price) }),
                ] as [string, string],
            ),
            ...(trade
              ? [
                  [
                    t("drawer.trade"),
                    <b key="t" className={tone(trade.pnl)}>
                      {signedMoney(trade.pnl)}
                    </b>,
                  ] as [string, React.ReactNode],
                ]
              : []),
            ...(position ? [[t("drawer.trade"), t("drawer.open")] as [string, string]] : []),
          ]}
        />
      )}
      <Link
        className="btn justify-self-start"
        to="/markets"
        search={{
          configuration: configuration.id,
          activation: signal.activation_id,
          ...(trade ? { trade: trade.id } : { at: signal.bar_time }),
        }}
      >
        <Icon name="markets" />
        {t("drawer.chart")}
      </Link>
    </>
  );
}

function Value({ value, isFlag }: { value: number | boolean | null; isFlag: boolean }) {
  const { t } = useTranslation("signals");
  if (value === null) return <span className="t3">–</span>;
  if (!isFlag && typeof value === "number") return price(value.toPrecision(8));
  return value ? <span className="pos">{t("yes")}</span> : <span className="t3">{t("no")}</span>;
}
