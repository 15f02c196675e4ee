import { describe, expect, it } from "vitest";
import { columnsOf, layoutOf, type Wired } from "./layout";

const SIZES = { width: 100, height: 40, gapX: 30, gapY: 10 };
// close, two averages of it, their crossing; and volume, which only the last one reads.
const GRAPH: Wired[] = [
  { id: 0, inputs: [] },
  { id: 1, inputs: [0] },
  { id: 2, inputs: [1] },
  { id: 3, inputs: [] },
  { id: 4, inputs: [2, 0, 3] },
];

describe("the layout of a graph", () => {
  it("puts every node right of its inputs, and what reads nothing next to who reads it", () => {
    expect([...columnsOf(GRAPH)]).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
    ]);
  });

  it("puts what stands alone with the results", () => {
    expect(columnsOf([...GRAPH, { id: 5, inputs: [] }]).get(5)).toBe(3);
    expect(columnsOf([{ id: 0, inputs: [] }]).get(0)).toBe(0);
  });

  it("lets nodes of a column not touch, and nothing lie outside", () => {
    const { nodes, width, height } = layoutOf(GRAPH, SIZES);
    expect(nodes).toHaveLength(5);
    expect(width).toBe(4 * 100 + 3 * 30);
    for (const a of nodes) {
      expect(a.y).toBeGreaterThanOrEqual(0);
      expect(a.y + SIZES.height).toBeLessThanOrEqual(height + 1e-6);
      for (const b of nodes) {
        if (a.id < b.id && a.column === b.column) {
          expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(SIZES.height + SIZES.gapY - 1e-6);
        }
      }
    }
  });

  it("draws each edge once, from right edge to left edge", () => {
    const twice: Wired[] = [
      { id: 0, inputs: [] },
      { id: 1, inputs: [0, 0] },
    ];
    const { edges } = layoutOf(twice, SIZES);
    expect(edges).toEqual([{ from: 0, to: 1, path: "M100 20C115 20 115 20 130 20" }]);
  });

  it("uncrosses two straight lines", () => {
    const crossed: Wired[] = [
      { id: 0, inputs: [] },
      { id: 1, inputs: [] },
      { id: 2, inputs: [1] },
      { id: 3, inputs: [0] },
    ];
    const y = new Map(layoutOf(crossed, SIZES).nodes.map((node) => [node.id, node.y]));
    expect(Math.sign((y.get(0) ?? 0) - (y.get(1) ?? 0))).toBe(
      Math.sign((y.get(3) ?? 0) - (y.get(2) ?? 0)),
    );
  });

  it("has no room for nothing", () => {
    expect(layoutOf([], SIZES)).toEqual({ nodes: [], edges: [], width: 0, height: 0 });
  });
});
