/** How much of a limit is used: bar used, hatch reserved, ticks where it warns and refuses. */
export type MeterProps = {
  label: string;
  used: number;
  reserved?: number;
  /** Where new orders are refused: the right end. */
  refuseAt: number;
  warnAt?: number | null;
  /** What is said for the number, such as "0.47 of 3 %". */
  text?: string;
  big?: boolean;
};

const part = (value: number, whole: number) =>
  whole > 0 ? Math.min(100, Math.max(0, (value / whole) * 100)) : 0;

export function Meter({ label, used, reserved = 0, refuseAt, warnAt, text, big }: MeterProps) {
  const level = used >= refuseAt ? "c" : warnAt != null && used >= warnAt ? "w" : "";
  const width = part(used, refuseAt);
  return (
    <div
      className={`meter ${big ? "big" : ""}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={refuseAt}
      aria-valuenow={Math.min(Math.max(used, 0), refuseAt)}
      aria-valuetext={text}
    >
      <i className={level} style={{ width: `${width}%` }} />
      {reserved > 0 && (
        <i
          className="res"
          style={{
            left: `${width}%`,
            width: `${Math.min(part(reserved, refuseAt), 100 - width)}%`,
          }}
        />
      )}
      {warnAt != null && <b style={{ left: `${part(warnAt, refuseAt)}%` }} />}
      <u />
    </div>
  );
}
