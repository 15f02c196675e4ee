/**
 * A grid of results: one hue by size, negatives in loss with a bar; the plateau framed, the chosen
 * cell dotted, the best single try crossed. Arrow keys read it cell by cell.
 */
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ratio } from "@/format";
import { ChartFrame } from "./charts/ChartFrame";

export type HeatMapProps = {
  sentence: string;
  x: { name: string; values: (string | number)[] };
  y: { name: string; values: (string | number)[] };
  /** By row of `y`, then column of `x`; null where nothing was tried. */
  cells: (number | null)[][];
  chosen?: [x: number, y: number];
  best?: [x: number, y: number];
  /** Columns and rows, both ends included. */
  plateau?: { x: [number, number]; y: [number, number] };
  height?: number;
  onPick?: (x: number, y: number) => void;
};

const LEFT = 40;
const BOTTOM = 24;
const WIDTH = 420;

export function HeatMap(props: HeatMapProps) {
  const { t } = useTranslation("parts");
  const { x, y, cells, height = 260 } = props;
  const [at, setAt] = useState<[number, number]>(props.chosen ?? [0, 0]);
  const width = (WIDTH - LEFT) / Math.max(x.values.length, 1);
  const tall = (height - BOTTOM) / Math.max(y.values.length, 1);
  const most = Math.max(...cells.flat().map((v) => Math.abs(v ?? 0)), Number.MIN_VALUE);
  // Rows grow upwards, as the values do.
  const top = (row: number) => (y.values.length - 1 - row) * tall;
  const left = (column: number) => LEFT + column * width;
  const middle = ([cx, cy]: [number, number]) =>
    [left(cx) + width / 2, top(cy) + tall / 2] as const;
  const value = cells[at[1]]?.[at[0]];
  const said = t("heat.cell", {
    x: `${x.name} ${x.values[at[0]]}`,
    y: `${y.name} ${y.values[at[1]]}`,
    value: ratio(value),
  });

  const onKey = (event: KeyboardEvent): boolean => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    if (event.key === "Enter" && props.onPick) props.onPick(...at);
    else if (step === undefined) return false;
    else {
      const clamp = (n: number, end: number) => Math.min(Math.max(n, 0), end - 1);
      setAt([
        clamp(at[0] + (step[0] ?? 0), x.values.length),
        clamp(at[1] + (step[1] ?? 0), y.values.length),
      ]);
    }
    return true;
  };
  return (
    <ChartFrame
      sentence={props.sentence}
      height={height}
      onKey={onKey}
      table={() => ({
        columns: [
          { head: `${y.name} / ${x.name}` },
          ...x.values.map((head) => ({ head: String(head), numeric: true })),
        ],
        rows: y.values.map((head, row) => [
          head,
          ...x.values.map((_, column) => ratio(cells[row]?.[column])),
        ]),
      })}
    >
      <svg className="ch w-full" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
        {cells.flatMap((row, cy) =>
          row.map((cell, cx) => {
            const share = cell === null ? 0 : Math.abs(cell) / most;
            const hue = (cell ?? 0) < 0 ? "var(--loss)" : "var(--series-1)";
            const fill = `color-mix(in srgb, ${hue} ${Math.round(12 + share * 78)}%, var(--surface))`;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the keys are on the frame
              <g
                key={`${cx}/${cy}`}
                onPointerEnter={() => setAt([cx, cy])}
                onClick={() => props.onPick?.(cx, cy)}
              >
                <rect
                  x={left(cx) + 1}
                  y={top(cy) + 1}
                  width={Math.max(width - 2, 1)}
                  height={Math.max(tall - 2, 1)}
                  rx="2"
                  style={{ fill: cell === null ? "var(--surface-2)" : fill }}
                />
                {cell !== null && cell < 0 && (
                  <path
                    d={`M${middle([cx, cy])[0] - 3} ${middle([cx, cy])[1]}h6`}
                    stroke="var(--loss)"
                  />
                )}
              </g>
            );
          }),
        )}
        <Marks {...props} left={left} top={top} width={width} tall={tall} middle={middle} />
        <rect
          x={left(at[0])}
          y={top(at[1])}
          width={width}
          height={tall}
          fill="none"
          stroke="var(--text-2)"
        />
        <Axes x={x.values} y={y.values} middle={middle} height={height} />
      </svg>
      <p className="cap t3" aria-live="polite">
        {said}
      </p>
    </ChartFrame>
  );
}

type Marked = HeatMapProps & {
  left: (column: number) => number;
  top: (row: number) => number;
  width: number;
  tall: number;
  middle: (cell: [number, number]) => readonly [number, number];
};

function Marks({ plateau, chosen, best, left, top, width, tall, middle }: Marked) {
  return (
    <>
      {plateau && (
        <rect
          x={left(plateau.x[0])}
          y={top(plateau.y[1])}
          width={(plateau.x[1] - plateau.x[0] + 1) * width}
          height={(plateau.y[1] - plateau.y[0] + 1) * tall}
          rx="3"
          fill="none"
          stroke="var(--series-2)"
          strokeWidth="2"
        />
      )}
      {chosen && (
        <circle
          cx={middle(chosen)[0]}
          cy={middle(chosen)[1]}
          r="5"
          fill="var(--series-2)"
          stroke="var(--canvas)"
          strokeWidth="2"
        />
      )}
      {best && (
        <path
          transform={`translate(${middle(best)[0]} ${middle(best)[1]})`}
          d="m-4-4 8 8m0-8-8 8"
          stroke="var(--text)"
          strokeWidth="2"
        />
      )}
    </>
  );
}

function Axes(props: {
  x: (string | number)[];
  y: (string | number)[];
  middle: Marked["middle"];
  height: number;
}) {
  // At most so many labels that they do not touch.
  const every = (count: number, most: number) => Math.max(1, Math.ceil(count / most));
  const [ex, ey] = [every(props.x.length, 7), every(props.y.length, 8)];
  return (
    <>
      {props.x.map((label, cx) =>
        cx % ex === 0 ? (
          <text key={cx} x={props.middle([cx, 0])[0]} y={props.height - 6} textAnchor="middle">
            {label}
          </text>
        ) : null,
      )}
      {props.y.map((label, cy) =>
        cy % ey === 0 ? (
          <text key={cy} x={LEFT - 6} y={props.middle([0, cy])[1] + 4} textAnchor="end">
            {label}
          </text>
        ) : null,
      )}
    </>
  );
}
