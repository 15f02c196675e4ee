/** A small line, or small bars, beside a number: shape only, so screen readers pass it by. */
type Props = { values: number[]; width?: number; height?: number; tone?: "series" | "text" };

export function Sparkline({ values, width = 88, height = 30, tone = "series" }: Props) {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, index) => [
    2 + (index / (values.length - 1)) * (width - 6),
    2 + (1 - (value - low) / span) * (height - 4),
  ]);
  const colour = tone === "series" ? "var(--series-1)" : "var(--text-2)";
  const [x, y] = points.at(-1) ?? [0, 0];
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path
        d={points
          .map(([px, py], i) => `${i ? "L" : "M"}${px?.toFixed(1)} ${py?.toFixed(1)}`)
          .join("")}
        fill="none"
        stroke={colour}
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
      <circle cx={x} cy={y} r="2" fill={colour} />
    </svg>
  );
}

export function SparkBars({ values, width = 84, height = 28 }: Props) {
  if (values.every((value) => value === 0)) return null;
  const most = Math.max(...values.map(Math.abs)) || 1;
  const step = width / values.length;
  const middle = height / 2;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line x1="0" x2={width} y1={middle} y2={middle} stroke="var(--border-strong)" />
      {values.map((value, index) => {
        const size = Math.max(0.8, (Math.abs(value) / most) * (middle - 1));
        return (
          <rect
            key={index}
            x={index * step + 0.5}
            y={value >= 0 ? middle - size : middle}
            width={Math.max(1, step - 1.4)}
            height={size}
            fill={value >= 0 ? "var(--profit)" : "var(--loss)"}
          />
        );
      })}
    </svg>
  );
}
