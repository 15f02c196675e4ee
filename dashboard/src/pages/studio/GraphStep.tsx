import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { count } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { GraphPicture } from "./GraphPicture";
import { Source } from "./Library";
import { NodeFacts } from "./NodeFacts";
import { type GraphNode, type Strategy, strategy as strategyQuery } from "./query";

type Props = { strategy: Strategy; values: Record<string, unknown>; interval: string };
const NONE: GraphNode[] = [];

/** What the strategy computes, as a picture and as a table, and what it says of itself. */
export function GraphStep({ strategy, values, interval }: Props) {
  const { t } = useTranslation("studio");
  const asked = useQuery(strategyQuery(strategy.name, values, interval));
  const [chosen, choose] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const picture = asked.data?.graph;
  const nodes = picture?.nodes ?? NONE;
  const node = nodes.find((one) => one.id === chosen) ?? null;
  const columns = useMemo<DataColumn<GraphNode>[]>(
    () => [
      {
        id: "says",
        head: t("graph.expression"),
        phone: true,
        cell: (n) => <code className="mono xs">{n.expression}</code>,
      },
      { id: "kind", head: t("graph.kind"), sort: (n) => n.kind, cell: (n) => <Kind node={n} /> },
      {
        id: "from",
        head: t("graph.inputs"),
        cell: (n) => n.inputs.map((id) => nodes[id]?.label ?? id).join(", ") || "–",
      },
      {
        id: "after",
        head: t("graph.warmup"),
        numeric: true,
        phone: true,
        sort: (n) => n.lookback,
        cell: (n) => count(n.lookback),
      },
      {
        id: "is",
        head: t("graph.signal"),
        cell: (n) =>
          n.outputs.map((name) => t(`outputs.${name}`, { defaultValue: name })).join(", "),
      },
    ],
    [t, nodes],
  );
  const drawn = asked.data?.values ?? {};
  return (
    <div className="g side-384">
      <Panel
        title={t("graph.title")}
        meta={t("graph.meta", { count: nodes.length })}
        query={asked}
        family="chart"
        error={{ what: t("graph.unread"), effect: t("graph.fix") }}
        empty={picture !== undefined && nodes.length === 0 && { text: t("graph.empty") }}
        action={
          <button
            type="button"
            className="btn ghost sp"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {t(asTable ? "graph.asPicture" : "graph.asTable")}
          </button>
        }
      >
        {asTable ? (
          <DataTable
            id="studio.nodes"
            label={t("graph.title")}
            columns={columns}
            rows={nodes}
            rowKey={(n) => String(n.id)}
            height="calc(100vh - 190px)"
            onOpen={(n) => choose(n.id)}
          />
        ) : (
          <GraphPicture
            nodes={nodes}
            chosen={chosen}
            onChoose={choose}
            onTable={() => setAsTable(true)}
            sentence={t("graph.sentence", {
              name: strategy.name,
              count: nodes.length,
              outputs: Object.keys(picture?.outputs ?? {})
                .map((name) => t(`outputs.${name}`, { defaultValue: name }))
                .join(", "),
            })}
          />
        )}
        <p className="body cap t3">
          {t("graph.drawnWith")}{" "}
          {Object.entries(drawn)
            .map(([name, value]) => `${name} ${value}`)
            .join(", ") || t("graph.noParameters")}
        </p>
      </Panel>
      <div className="g stack">
        <Panel title={t("graph.about")}>
          <div className="body grid gap-2">
            <p className="t2 leading-normal whitespace-pre-line" lang="en">
              {strategy.description.replace(/(?<!\n)\n(?!\n)/g, " ")}
            </p>
            <dl className="kv">
              <dt>{t("library.source")}</dt>
              <dd>
                <Source source={strategy.source} />
              </dd>
              <dt>{t("graph.warmupOf", { interval })}</dt>
              <dd>{picture ? t("graph.bars", { count: picture.warmup_bars }) : "–"}</dd>
              {picture && picture.columns.length > 0 && (
                <>
                  <dt>{t("graph.columns")}</dt>
                  <dd>{picture.columns.join(", ")}</dd>
                </>
              )}
            </dl>
          </div>
        </Panel>
        <NodeFacts node={node} nodes={nodes} onChoose={choose} />
      </div>
    </div>
  );
}

export function Kind({ node }: { node: GraphNode }) {
  const { t } = useTranslation("studio");
  return <>{t(`kinds.${kindOf(node)}`)}</>;
}

/** How a node is drawn: what is read, what never changes, a series, or a yes and no. */
export function kindOf(node: GraphNode): "source" | "constant" | "series" | "flag" {
  if (node.op === "constant") return "constant";
  if (node.inputs.length === 0) return "source";
  return node.kind === "flag" ? "flag" : "series";
}
