/** What can happen next: how far each exit is; without a position, which entry conditions held. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { duration, moment, percent, price, toNumber } from "@/format";
import { useNow } from "@/parts/freshness";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import type { Position } from "../trading/queries";
import { intervalMs } from "./intervals";
import { graph, graphValues, type Node } from "./queries";
import type { useMarket } from "./useMarket";

type Market = ReturnType<typeof useMarket>;

export function NextDecision({ market, position }: { market: Market; position: Position | null }) {
  const { t } = useTranslation("markets");
  const { configuration, activation, quote, feed } = market;
  const step = intervalMs(configuration?.interval ?? "15m");
  const picture = useQuery({
    ...graph(configuration?.id ?? ""),
    enabled: configuration !== null,
  });
  const nodes = picture.data?.picture.nodes ?? [];
  const outputs = picture.data?.picture.outputs ?? {};
  const wanted = conditionsOf(nodes, outputs, position);
  const bar = activation?.last_bar ?? null;
  // Of the bar that closed last, as this activation saw it.
  const last = quote === null ? bar : Math.floor(quote.time / step) * step - step;
  const said = useQuery({
    ...graphValues({
      configurationId: configuration?.id ?? "",
      activationId: activation?.id,
      nodes: wanted.map(({ node }) => node.id),
      start: last ?? 0,
      end: (last ?? 0) + step,
    }),
    enabled: configuration !== null && last !== null && wanted.length > 0,
  });
  const values = new Map(said.data?.nodes.map((node) => [node.id, node.values.at(-1)]));
  const price_ = toNumber(quote?.last);
  return (
    <Panel
      title={t("next.title")}
      meta={feed === "live" && <Closes step={step} />}
      query={picture}
      rows={3}
      error={{ what: t("next.unread") }}
    >
      <ul className="body grid gap-1.5 xs">
        {position !== null && (
          <>
            <Away name="stop" level={position.stop} now={price_} />
            <Away name="target" level={position.target} now={price_} />
          </>
        )}
        {wanted.map(({ node, output }) => (
          <Condition
            key={`${output}/${node.id}`}
            node={node}
            output={output}
            held={values.get(node.id)}
          />
        ))}
        <li className="t3">
          {position === null ? t("next.entryNote") : t("next.exitNote")}
          {said.data?.open_time.at(-1) !== undefined &&
            ` ${t("next.asOf", { time: moment(said.data.open_time.at(-1)) })}`}
        </li>
      </ul>
    </Panel>
  );
}

function Closes({ step }: { step: number }) {
  const { t } = useTranslation("markets");
  const now = useNow();
  return t("next.closes", { time: duration(step - (now % step)) });
}

function Away(props: { name: "stop" | "target"; level: string | null; now: number | null }) {
  const { t } = useTranslation("markets");
  const level = toNumber(props.level);
  if (level === null) return null;
  return (
    <li className="grid grid-cols-[16px_1fr_auto] gap-2">
      <Icon name={props.name === "stop" ? "stop" : "octagon"} size="s" className="t3 mt-0.5" />
      <span>{t(`next.${props.name}`, { price: price(level) })}</span>
      <span className="t2">
        {props.now === null
          ? "–"
          : t("next.away", { share: percent(Math.abs(level / props.now - 1), 1) })}
      </span>
    </li>
  );
}

function Condition(props: {
  node: Node;
  output: string;
  held: number | boolean | null | undefined;
}) {
  const { t } = useTranslation("markets");
  const holds = props.held === true || props.held === 1;
  return (
    <li className="grid grid-cols-[16px_1fr] gap-2">
      <Icon
        name={props.held == null ? "clock" : holds ? "check" : "close"}
        size="s"
        className={`mt-0.5 ${holds ? "pos" : "t3"}`}
        label={t(props.held == null ? "next.unknown" : holds ? "next.holds" : "next.holdsNot")}
      />
      <span className="min-w-0 break-words">
        <span className="t3">{t(`outputs.${props.output}`, { defaultValue: props.output })}:</span>{" "}
        {props.node.expression}
      </span>
    </li>
  );
}

type Wanted = { node: Node; output: string };

/** The conditions of the flags that matter now; an "and" is told by what it joins. */
export function conditionsOf(
  nodes: Node[],
  outputs: Record<string, number>,
  position: { side: string } | null,
): Wanted[] {
  const flags =
    position === null
      ? ["enter_long", "enter_short"]
      : [position.side === "long" ? "exit_long" : "exit_short"];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = (id: number): Node[] => {
    const node = byId.get(id);
    if (node === undefined) return [];
    return node.op === "and" ? node.inputs.flatMap(parts) : [node];
  };
  return flags.flatMap((output) => {
    const root = outputs[output];
    return root === undefined ? [] : parts(root).map((node) => ({ node, output }));
  });
}
