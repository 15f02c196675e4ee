/** The graph as a picture: arrows go from node to node, Enter chooses one and lights its inputs. */
import type { TFunction } from "i18next";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Segments } from "@/parts/Segments";
import { kindOf } from "./GraphStep";
import { layoutOf } from "./layout";
import type { GraphNode } from "./query";

type Props = {
  nodes: GraphNode[];
  chosen: number | null;
  onChoose: (id: number | null) => void;
  onTable: () => void;
  sentence: string;
};
const SIZES = { width: 156, height: 38, gapX: 44, gapY: 10 };
const LONGEST = 24;
const ROOM = 6;
const SMALLEST = 0.75;
const LOOK = { source: "src", constant: "const", series: "", flag: "flag" };

export function GraphPicture({ nodes, chosen, onChoose, onTable, sentence }: Props) {
  const { t } = useTranslation("studio");
  const layout = useMemo(() => layoutOf(nodes, SIZES), [nodes]);
  const [size, setSize] = useState<"fit" | "full">("fit");
  const [focused, setFocused] = useState(0);
  const box = useRef<SVGSVGElement>(null);
  const above = useMemo(() => (chosen === null ? null : upstream(nodes, chosen)), [nodes, chosen]);
  const [width, height] = [layout.width + 2 * ROOM, layout.height + 2 * ROOM];
  const current = nodes.some((node) => node.id === focused) ? focused : nodes[0]?.id;

  const go = (to: number | undefined) => {
    if (to === undefined) return;
    setFocused(to);
    box.current?.querySelector<SVGGElement>(`[data-node="${to}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent, node: GraphNode) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") onChoose(node.id === chosen ? null : node.id);
    else if (event.key === "Escape") onChoose(null);
    else if (event.key.toLowerCase() === "v") onTable();
    else if (event.key === "ArrowLeft") go(node.inputs[0]);
    else if (event.key === "ArrowRight") go(nodes.find((n) => n.inputs.includes(node.id))?.id);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown")
      go(neighbour(layout.nodes, node.id, event.key === "ArrowDown" ? 1 : -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="body">
      <div className="row flex-wrap mb-2">
        <span className="legend flex-wrap">
          {(["source", "series", "flag", "constant"] as const).map((kind) => (
            <span key={kind}>
              <svg className="graph" width="16" height="12" aria-hidden="true">
                <g className={LOOK[kind]}>
                  <rect
                    className="box"
                    x="1"
                    y="1"
                    width="14"
                    height="10"
                    rx={kind === "flag" ? 5 : 2}
                  />
                </g>
              </svg>
              {t(`kinds.${kind}`)}
            </span>
          ))}
        </span>
        <Segments<"fit" | "full">
          className="sp only-d"
          label={t("graph.size")}
          value={size}
          onChange={setSize}
          options={[
            { value: "fit", label: t("graph.fit") },
            { value: "full", label: t("graph.full") },
          ]}
        />
      </div>
      <div className="scroll-x scroll-y" style={{ maxHeight: "calc(100vh - 250px)" }}>
        <svg
          ref={box}
          className="graph mx-auto max-w-none"
          viewBox={`${-ROOM} ${-ROOM} ${width} ${height}`}
          // Smaller than that it could not be read: then it is scrolled.
          style={
            size === "fit"
              ? { width: `min(${width}px, max(100%, ${width * SMALLEST}px))` }
              : { width, height }
          }
          role="group"
          aria-label={sentence}
        >
          {layout.edges.map((edge) => (
            <path
              key={`${edge.from}-${edge.to}`}
              d={edge.path}
              className={`edge ${above === null ? "" : above.has(edge.to) ? "on" : "off"}`}
            />
          ))}
          {layout.nodes.map(({ id, x, y }) => {
            const node = nodes.find((one) => one.id === id) as GraphNode;
            const kind = kindOf(node);
            const isOff = above !== null && !above.has(id);
            return (
              <g
                key={id}
                data-node={id}
                className={`node ${LOOK[kind]} ${node.outputs.length > 0 ? "out" : ""} ${isOff ? "off" : ""}`}
                transform={`translate(${x} ${y})`}
                role="button"
                tabIndex={id === current ? 0 : -1}
                aria-pressed={id === chosen}
                aria-label={`${node.expression}, ${t(`kinds.${kind}`)}. ${subOf(node, t)}`}
                onFocus={() => setFocused(id)}
                onClick={() => onChoose(id === chosen ? null : id)}
                onKeyDown={(event) => onKey(event, node)}
              >
                <rect
                  className="box"
                  width={SIZES.width}
                  height={SIZES.height}
                  rx={kind === "flag" ? SIZES.height / 2 : 5}
                />
                <text x={SIZES.width / 2} y={subOf(node, t) ? 16 : 23} textAnchor="middle">
                  {short(node.label)}
                </text>
                <text className="sub" x={SIZES.width / 2} y={30} textAnchor="middle">
                  {short(subOf(node, t))}
                </text>
              </g>
            );
          })}
        </svg>
      </div>
    </div>
  );
}

/** The second line of a node: which signal it is, else its frame, else when it first speaks. */
function subOf(node: GraphNode, t: TFunction<"studio">): string {
  if (node.outputs.length > 0)
    return node.outputs.map((name) => t(`outputs.${name}`, { defaultValue: name })).join(", ");
  if (node.frame) return t("graph.frame", { frame: node.frame });
  return node.lookback > 0 ? t("graph.after", { count: node.lookback }) : "";
}

const short = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** A node and all that it is made of. */
function upstream(nodes: GraphNode[], id: number): Set<number> {
  const found = new Set<number>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(nodes.find((node) => node.id === next)?.inputs ?? []));
  }
  return found;
}

/** The next node of the same column; at its end, the first of the next one. */
function neighbour(
  placed: { id: number; column: number; y: number }[],
  id: number,
  step: 1 | -1,
): number | undefined {
  const sorted = placed.toSorted((a, b) => a.column - b.column || a.y - b.y);
  return sorted[sorted.findIndex((one) => one.id === id) + step]?.id;
}
