import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ratio } from "@/format";
import { HeatMap } from "@/parts/HeatMap";
import { Panel } from "@/parts/Panel";
import { heatMap } from "./query";

/** Two parameters against each other: whether the choice stands on a plateau or on a lone peak. */
export function HeatPanel({ id }: { id: string }) {
  const { t } = useTranslation("studio");
  const [axes, setAxes] = useState<{ across?: string; up?: string }>({});
  const asked = useQuery(heatMap(id, axes.across, axes.up));
  const map = asked.data;
  const values = (map?.medians ?? []).flat().filter((value) => value !== null);
  return (
    <Panel
      className="heat"
      title={t("heat.title")}
      query={asked}
      family="chart"
      error={{ what: t("heat.unread") }}
      empty={map === null && { text: t("heat.empty") }}
      legend={
        map && (
          <span className="sp legend">
            {ratio(Math.min(...values))} <i className="scale" /> {ratio(Math.max(...values))}
          </span>
        )
      }
    >
      {map && (
        <div className="body">
          <HeatMap
            sentence={t("heat.sentence", {
              score: t(`choices.${map.score}`, { defaultValue: map.score }),
              across: map.across.name,
              up: map.up.name,
            })}
            x={{ name: map.across.name, values: map.across.cells }}
            y={{ name: map.up.name, values: map.up.cells }}
            cells={map.medians}
            chosen={[map.chosen.column, map.chosen.row]}
            best={[map.best.column, map.best.row]}
            plateau={{
              x: [map.plateau.left ?? 0, map.plateau.right ?? 0],
              y: [map.plateau.bottom ?? 0, map.plateau.top ?? 0],
            }}
            height={236}
          />
          <div className="row flex-wrap mt-1">
            {map.influence.length > 2 &&
              (["across", "up"] as const).map((axis) => (
                <label key={axis} className="row xs t2">
                  {t(`heat.${axis}`)}
                  <select
                    className="inp s"
                    value={map[axis].name}
                    onChange={({ target }) =>
                      setAxes({
                        across: map.across.name,
                        up: map.up.name,
                        [axis]: target.value,
                      })
                    }
                  >
                    {map.influence
                      .filter((name) => name !== map[axis === "up" ? "across" : "up"].name)
                      .map((name) => (
                        <option key={name}>{name}</option>
                      ))}
                  </select>
                </label>
              ))}
            {map.influence.length <= 2 && (
              <span className="t3 xs">
                {t("heat.axes", { across: map.across.name, up: map.up.name })}
              </span>
            )}
            <span className="t3 xs">{t("heat.frame")}</span>
          </div>
        </div>
      )}
    </Panel>
  );
}
