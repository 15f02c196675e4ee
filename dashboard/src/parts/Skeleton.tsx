/** Grey blocks of the size of what is coming. They do not move. */
export type Family = "table" | "chart" | "tail" | "form" | "job";

const BARS = [26, 34, 31, 44, 52, 47, 60, 66, 58, 71, 64, 78];
const WIDTHS = [62, 48, 70, 54, 66];

export function Skeleton({ family, rows = 3 }: { family: Family; rows?: number }) {
  if (family === "chart") {
    return (
      <div className="body">
        <div className="skc">
          {BARS.map((height) => (
            <i key={height} className="sk" style={{ height }} />
          ))}
        </div>
      </div>
    );
  }
  return (
    <div className="body">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="row" style={{ height: "var(--row)" }}>
          <i className="sk" style={{ width: `${WIDTHS[index % WIDTHS.length]}%`, height: 10 }} />
          <i className="sk sp" style={{ width: 44, height: 10 }} />
        </div>
      ))}
    </div>
  );
}

export function Block({ width, height }: { width: number; height: number }) {
  return <i className="sk" style={{ width, height }} />;
}
