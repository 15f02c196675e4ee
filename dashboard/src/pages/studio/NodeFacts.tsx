import { useTranslation } from "react-i18next";
import { Panel } from "@/parts/Panel";
import { Kind } from "./GraphStep";
import type { GraphNode } from "./query";

type Props = { node: GraphNode | null; nodes: GraphNode[]; onChoose: (id: number) => void };

/** The chosen node in words, with links to what it is made of and what it makes. */
export function NodeFacts({ node, nodes, onChoose }: Props) {
  const { t } = useTranslation("studio");
  const links = (found: GraphNode[]) =>
    found.length === 0
      ? "–"
      : found.map((one) => (
          <button
            key={one.id}
            type="button"
            className="lnk mono xs block ml-auto"
            onClick={() => onChoose(one.id)}
          >
            {one.label}
          </button>
        ));
  return (
    <Panel title={t("graph.node")} empty={node === null && { text: t("graph.chooseNode") }}>
      {node && (
        <div className="body grid gap-2" aria-live="polite">
          <code className="mono xs break-words">{node.expression}</code>
          <dl className="kv">
            <dt>{t("graph.kind")}</dt>
            <dd>
              <Kind node={node} />
            </dd>
            {node.outputs.length > 0 && (
              <>
                <dt>{t("graph.signal")}</dt>
                <dd>
                  {node.outputs
                    .map((name) => t(`outputs.${name}`, { defaultValue: name }))
                    .join(", ")}
                </dd>
              </>
            )}
            <dt>{t("graph.unit")}</dt>
            <dd>{t(`panes.${node.pane}`, { defaultValue: node.pane })}</dd>
            {node.frame && (
              <>
                <dt>{t("graph.higher")}</dt>
                <dd>{node.frame}</dd>
              </>
            )}
            <dt>{t("graph.warmup")}</dt>
            <dd>{t("graph.bars", { count: node.lookback })}</dd>
            <dt>{t("graph.inputs")}</dt>
            <dd>{links(nodes.filter((one) => node.inputs.includes(one.id)))}</dd>
            <dt>{t("graph.readBy")}</dt>
            <dd>{links(nodes.filter((one) => one.inputs.includes(node.id)))}</dd>
          </dl>
        </div>
      )}
    </Panel>
  );
}
