import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/problem";
import { ratio } from "@/format";
import { HeatMap } from "@/parts/HeatMap";
import { Panel } from "@/parts/Panel";
import { heatMap } from "../queries";

/** Whether the settings beside the chosen ones do as well: a lone peak is luck. */
export function Neighbours({ id }: { id: string }) {
  const { t } = useTranslation("configurations");
  const asked = useQuery(heatMap(id));
  const map = asked.data;
  // Too few tries for a map is nothing that failed.
  if (asked.error && asApiError(asked.error).status === 404) return null;
  return (
    <Panel
      title={t("neighbours.title")}
      query={asked}
      family="chart"
      error={{ what: t("neighbours.unread") }}
    >
      {map && (
        <div className="body">
          <HeatMap
            sentence={t("neighbours.sentence", {
              across: map.across.name,
              up: map.up.name,
              chosen: ratio(map.medians[map.chosen.row]?.[map.chosen.column]),
            })}
            x={{ name: map.across.name, values: map.across.cells.map(short) }}
            y={{ name: map.up.name, values: map.up.cells.map(short) }}
            cells={map.medians}
            chosen={[map.chosen.column, map.chosen.row]}
            best={[map.best.column, map.best.row]}
            plateau={{
              x: [map.plateau.left ?? 0, map.plateau.right ?? 0],
              y: [map.plateau.bottom ?? 0, map.plateau.top ?? 0],
            }}
          />
          <p className="cap t3">
            {t("neighbours.note", { across: map.across.name, up: map.up.name })}
          </p>
        </div>
      )}
    </Panel>
  );
}

/** Of a long number three digits that count: the axis has no room for more. */
function short(cell: string): string {
  const value = Number(cell);
  return Number.isFinite(value) && cell.length > 5 ? String(Number(value.toPrecision(3))) : cell;
}
