import { useTranslation } from "react-i18next";
import { count, date } from "@/format";
import type { Audit } from "./query";
import { scaleOf } from "./scale";

const WIDTH = 1000;
const HEIGHT = 16;

/** The time there are bars of as a band; its holes stand out, however short they are. */
export function Coverage({ audit }: { audit: Audit }) {
  const { t } = useTranslation("studio");
  if (audit.first === null || audit.last === null) return null;
  const x = scaleOf([audit.first, audit.last], [0, WIDTH]);
  return (
    <>
      <svg
        className="w-full h-4 rounded-1"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("audit.sentence", {
          bars: count(audit.bars),
          start: date(audit.first),
          end: date(audit.last),
          count: audit.gap_count,
        })}
      >
        <rect width={WIDTH} height={HEIGHT} fill="var(--series-1)" opacity=".55" />
        {audit.gaps.map((gap) => (
          <rect
            key={gap.start}
            x={x(gap.start)}
            width={Math.max(x(gap.end) - x(gap.start), 2)}
            height={HEIGHT}
            fill="var(--loss)"
          />
        ))}
      </svg>
      <div className="row xs t3 mt-1">
        <span>{date(audit.first)}</span>
        <span className="sp">{date(audit.last)}</span>
      </div>
    </>
  );
}
