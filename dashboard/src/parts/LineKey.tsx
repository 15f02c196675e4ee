export const LINE_COLOURS = ["series-1", "series-2", "series-3", "series-4"] as const;
const DASHES = [undefined, "6 3", "2 3", "9 5"];

/** A line as the legend shows it: its colour and its dash. */
export function LineKey({ index }: { index: number }) {
  return (
    <svg className="dash" viewBox="0 0 20 3" aria-hidden="true">
      <path
        d="M0 1.500h20"
        fill="none"
        stroke={`var(--${LINE_COLOURS[index % LINE_COLOURS.length]})`}
        strokeWidth="3"
        strokeDasharray={DASHES[index % DASHES.length]}
      />
    </svg>
  );
}
