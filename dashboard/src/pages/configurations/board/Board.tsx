import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { limits } from "@/api/queries";
import { acts } from "@/app/keys";
import type { Stage } from "@/parts/badges";
import type { MenuItem } from "@/parts/Menu";
import { groupedBy, type Row } from "../rows";
import { Card, MiniCard } from "./Card";
import { StageColumn } from "./StageColumn";

const LIVING: readonly Stage[] = ["DISCOVERY", "VALIDATION", "MATURE", "WATCH"];
const ENDED: readonly Stage[] = ["DECAYED", "RETIRED"];

type Props = {
  rows: Row[];
  picked: ReadonlySet<string>;
  onPick: (id: string) => void;
  items: (row: Row) => MenuItem[];
};

/** The stages side by side; those that trade no more stand in the last column. */
export function Board({ rows, picked, onPick, items }: Props) {
  const { t } = useTranslation("configurations");
  const known = useQuery(limits(undefined)).data?.items;
  const byStage = useMemo(
    () => groupedBy(rows, (row) => row.configuration.lifecycle_stage as Stage),
    [rows],
  );
  const capOf = (stage: Stage) =>
    known?.find((limit) => limit.name === `stage_cap_pct.${stage}`)?.value;
  return (
    <div className="board" role="group" aria-label={t("board")} tabIndex={0} onKeyDown={walk}>
      {LIVING.map((stage) => (
        <StageColumn
          key={stage}
          stage={stage}
          rows={byStage.get(stage) ?? []}
          cap={capOf(stage)}
          draw={(row) => (
            <Card
              key={row.configuration.id}
              row={row}
              isPicked={picked.has(row.configuration.id)}
              onPick={onPick}
              items={items(row)}
            />
          )}
        />
      ))}
      <div className="pile">
        {ENDED.map((stage) => (
          <StageColumn
            key={stage}
            stage={stage}
            rows={byStage.get(stage) ?? []}
            few
            draw={(row) => <MiniCard key={row.configuration.id} row={row} items={items(row)} />}
          />
        ))}
      </div>
    </div>
  );
}

/** J K and the arrows up and down a column, the arrows across. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (!acts(event.nativeEvent)) return;
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-card]")];
  const card = (event.target as HTMLElement).closest<HTMLElement>("[data-card]");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const to = target(key, card, cards);
  if (to === undefined) return;
  to.querySelector<HTMLElement>("a.whole")?.focus();
  event.preventDefault();
  event.stopPropagation();
}

function target(
  key: string,
  card: HTMLElement | null,
  cards: HTMLElement[],
): HTMLElement | undefined {
  const down = key === "j" || key === "ArrowDown";
  const up = key === "k" || key === "ArrowUp";
  const right = key === "ArrowRight";
  const left = key === "ArrowLeft";
  if (!down && !up && !right && !left) return undefined;
  if (card === null) return cards[0];
  if (down || up) return cards[cards.indexOf(card) + (down ? 1 : -1)];
  const columns = [...new Set(cards.map((one) => one.closest(".col")))];
  const column = columns[columns.indexOf(card.closest(".col")) + (right ? 1 : -1)];
  return cards.find((one) => one.closest(".col") === column);
}
