/**
 * Places for the nodes of a signal graph: columns from what is read to what is signalled, each node
 * right of all its inputs. Long edges pass other columns through places of their own, so that no
 * line runs behind a node; the order within a column is by the middle of the neighbours.
 */
export type Wired = { id: number; inputs: readonly number[] };
export type Placed = { id: number; column: number; x: number; y: number };
export type Edge = { from: number; to: number; path: string };
export type Layout = { nodes: Placed[]; edges: Edge[]; width: number; height: number };
export type Sizes = { width: number; height: number; gapX: number; gapY: number };

type Cell = {
  /** Of the graph; null for a place that an edge passes through. */
  id: number | null;
  column: number;
  before: Cell[];
  after: Cell[];
  y: number;
};

const SWEEPS = 6;
const LANE = 10;

export function layoutOf(wired: readonly Wired[], sizes: Sizes): Layout {
  const { cells, columns, chains } = lanes(wired);
  for (let sweep = 0; sweep < SWEEPS; sweep++) order(columns, sweep % 2 === 0);
  const tall = (cell: Cell) => (cell.id === null ? LANE : sizes.height);
  stack(columns, tall, sizes.gapY);
  for (let sweep = 0; sweep < SWEEPS; sweep++) align(columns, tall, sizes.gapY, sweep % 2 === 0);
  const top = Math.min(0, ...columns.flat().map((cell) => cell.y));
  for (const cell of columns.flat()) cell.y -= top;
  const left = (cell: Cell) => cell.column * (sizes.width + sizes.gapX);
  const middle = (cell: Cell) => cell.y + tall(cell) / 2;
  return {
    nodes: wired.flatMap(({ id }) => {
      const cell = cells.get(id);
      return cell ? [{ id, column: cell.column, x: left(cell), y: cell.y }] : [];
    }),
    edges: chains.map((chain) => ({
      from: chain[0]?.id ?? -1,
      to: chain.at(-1)?.id ?? -1,
      path: pathOf(chain, left, middle, sizes.width),
    })),
    width: columns.length * (sizes.width + sizes.gapX) - (columns.length > 0 ? sizes.gapX : 0),
    height: Math.max(0, ...columns.flat().map((cell) => cell.y + tall(cell))),
  };
}

/** The column of each node: behind its last input; what reads nothing stands next to its user. */
export function columnsOf(wired: readonly Wired[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { id, inputs } of wired) {
    found.set(id, Math.max(-1, ...inputs.map((input) => found.get(input) ?? -1)) + 1);
  }
  const nextTo = new Map<number, number>();
  for (const { id, inputs } of wired) {
    for (const input of inputs) {
      const here = (found.get(id) ?? 0) - 1;
      nextTo.set(input, Math.min(nextTo.get(input) ?? here, here));
    }
  }
  for (const { id, inputs } of wired) {
    const place = nextTo.get(id);
    if (inputs.length === 0 && place !== undefined) found.set(id, Math.max(place, 0));
  }
  // What neither reads nor is read says something by itself: it stands with the results.
  const last = Math.max(0, ...found.values());
  for (const { id, inputs } of wired) {
    if (inputs.length === 0 && !nextTo.has(id)) found.set(id, last);
  }
  return found;
}

function lanes(wired: readonly Wired[]) {
  const column = columnsOf(wired);
  const cells = new Map<number, Cell>();
  const columns: Cell[][] = [];
  const add = (id: number | null, at: number): Cell => {
    const cell: Cell = { id, column: at, before: [], after: [], y: 0 };
    while (columns.length <= at) columns.push([]);
    columns[at]?.push(cell);
    return cell;
  };
  for (const { id } of wired) cells.set(id, add(id, column.get(id) ?? 0));
  const chains: Cell[][] = [];
  for (const { id, inputs } of wired) {
    const end = cells.get(id);
    for (const input of new Set(inputs)) {
      const start = cells.get(input);
      if (start === undefined || end === undefined) continue;
      const chain = [start];
      for (let at = start.column + 1; at < end.column; at++) chain.push(add(null, at));
      chain.push(end);
      for (const [index, cell] of chain.entries()) {
        const next = chain[index + 1];
        if (next === undefined) continue;
        cell.after.push(next);
        next.before.push(cell);
      }
      chains.push(chain);
    }
  }
  return { cells, columns, chains };
}

/** Sorts each column by the mean place of its neighbours on one side. */
function order(columns: Cell[][], forwards: boolean): void {
  const place = new Map<Cell, number>();
  for (const column of columns)
    for (const [index, cell] of column.entries()) place.set(cell, index);
  for (const column of forwards ? columns : columns.toReversed()) {
    const wish = new Map(
      column.map((cell) => {
        const near = forwards ? cell.before : cell.after;
        return [cell, mean(near.map((other) => place.get(other) ?? 0)) ?? place.get(cell) ?? 0];
      }),
    );
    column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    for (const [index, cell] of column.entries()) place.set(cell, index);
  }
}

function stack(columns: Cell[][], tall: (cell: Cell) => number, gap: number): void {
  for (const column of columns) {
    let y = 0;
    for (const cell of column) {
      cell.y = y;
      y += tall(cell) + gap;
    }
  }
}

/** Moves cells towards the middle of their neighbours, as far as the order leaves room. */
function align(
  columns: Cell[][],
  tall: (cell: Cell) => number,
  gap: number,
  forwards: boolean,
): void {
  for (const column of forwards ? columns : columns.toReversed()) {
    const wished = column.map((cell) => {
      const near = forwards ? cell.before : cell.after;
      const middle = mean(near.map((other) => other.y + tall(other) / 2));
      return middle === null ? cell.y : middle - tall(cell) / 2;
    });
    let floor = Number.NEGATIVE_INFINITY;
    for (const [index, cell] of column.entries()) {
      cell.y = Math.max(wished[index] ?? 0, floor);
      floor = cell.y + tall(cell) + gap;
    }
    // Pushed down only, a column would sink: it is moved back by the mean of what it was pushed.
    const sunk = mean(column.map((cell, index) => cell.y - (wished[index] ?? 0))) ?? 0;
    for (const cell of column) cell.y -= sunk;
  }
}

function pathOf(
  chain: Cell[],
  left: (cell: Cell) => number,
  middle: (cell: Cell) => number,
  width: number,
): string {
  return chain
    .slice(1)
    .map((cell, index) => {
      const from = chain[index] as Cell;
      const [x1, x2] = [left(from) + width, left(cell)];
      const [y1, y2] = [middle(from), middle(cell)];
      const bend = (x1 + x2) / 2;
      const start = index === 0 ? `M${round(x1)} ${round(y1)}` : "";
      const through = cell.id === null ? `H${round(x2 + width)}` : "";
      return `${start}C${round(bend)} ${round(y1)} ${round(bend)} ${round(y2)} ${round(x2)} ${round(y2)}${through}`;
    })
    .join("");
}

const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number): number => Math.round(value * 10) / 10;
