/** Lines over a plain axis of trades or days, as wide as there is room. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ChartFrame, type ChartTable } from "@/parts/charts/ChartFrame";
import { ticksOf } from "./scale";

export type Line = {
  name: string;
  token: "series-1" | "warning" | "critical";
  dashed?: boolean;
  points: [number, number][];
};
type Props = {
  lines: Line[];
  sentence: string;
  writeX: (value: number) => ReactNode;
  writeY: (value: number) => ReactNode;
  table: () => ChartTable;
};

const HEIGHT = 150;
/** Room for the figures of the axes. */
const [RIGHT, BOTTOM, TOP] = [52, 18, 6];

export function TrackChart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  useEffect(() => {
    if (box.current === null) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return (
    <ChartFrame sentence={props.sentence} height={HEIGHT} table={props.table}>
      <div ref={box} className="overflow-hidden">
        <Picture {...props} width={Math.max(width, 200)} />
      </div>
    </ChartFrame>
  );
}

function Picture({ lines, writeX, writeY, width }: Props & { width: number }) {
  const every = lines.flatMap((line) => line.points);
  const [lowX, highX] = [0, Math.max(1, ...every.map(([x]) => x))];
  const values = every.map(([, y]) => y);
  const [lowY, highY] = [Math.min(0, ...values), Math.max(0, ...values)];
  const x = (value: number) => ((value - lowX) / (highX - lowX)) * (width - RIGHT);
  const y = (value: number) =>
    TOP + (1 - (value - lowY) / (highY - lowY || 1)) * (HEIGHT - TOP - BOTTOM);
  const path = (points: [number, number][]) =>
    points.map(([px, py], i) => `${i ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join("");
  const wholes = ticksOf(lowX, highX, 5).filter(Number.isInteger);
  return (
    <svg
      className="ch"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      {ticksOf(lowY, highY).map((tick) => (
        <g key={tick}>
          <line x2={width - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
          <text x={width - RIGHT + 8} y={y(tick) + 4}>
            {writeY(tick)}
          </text>
        </g>
      ))}
      {wholes.map((tick) => (
        <text key={tick} x={x(tick)} y={HEIGHT - 4} textAnchor={tick === lowX ? "start" : "middle"}>
          {writeX(tick)}
        </text>
      ))}
      {lines.map((line) => (
        <path
          key={line.name}
          d={path(line.points)}
          fill="none"
          stroke={`var(--${line.token})`}
          strokeWidth={line.dashed ? 1.2 : 1.8}
          strokeDasharray={line.dashed ? "5 4" : undefined}
          strokeLinejoin="round"
        />
      ))}
      {lines.map((line) => {
        const end = line.points.at(-1);
        return (
          !line.dashed &&
          end && (
            <circle
              key={line.name}
              cx={x(end[0])}
              cy={y(end[1])}
              r="3"
              fill={`var(--${line.token})`}
            />
          )
        );
      })}
    </svg>
  );
}
