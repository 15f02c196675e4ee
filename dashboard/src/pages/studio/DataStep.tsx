import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";
import { count, date, exact } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { AuditPanel } from "./AuditPanel";
import { DataPicker } from "./DataPicker";
import type { SeriesInfo } from "./query";
import type { Asked, Choice } from "./useChosen";

type Props = {
  chosen: Choice;
  set: (change: Partial<Asked>) => void;
  refused: ApiError | null;
};

/** What it is to be trained on: chosen out of what is kept, and looked at before it is used. */
export function DataStep({ chosen, set, refused }: Props) {
  const { t } = useTranslation("studio");
  const columns = useMemo<DataColumn<SeriesInfo>[]>(
    () => [
      {
        id: "pair",
        head: t("data.pair"),
        phone: true,
        sort: (s) => s.pair,
        cell: (s) => <span className="name">{s.pair}</span>,
      },
      {
        id: "exchange",
        head: t("data.exchange"),
        sort: (s) => s.exchange,
        cell: (s) => s.exchange,
      },
      { id: "interval", head: t("data.interval"), phone: true, cell: (s) => s.interval },
      {
        id: "bars",
        head: t("data.bars"),
        numeric: true,
        phone: true,
        sort: (s) => s.bars,
        cell: (s) => count(s.bars),
      },
      {
        id: "first",
        head: t("data.first"),
        numeric: true,
        sort: (s) => s.first,
        cell: (s) => <time title={exact(s.first)}>{date(s.first)}</time>,
      },
      {
        id: "last",
        head: t("data.last"),
        numeric: true,
        sort: (s) => s.last,
        cell: (s) => <time title={exact(s.last)}>{date(s.last)}</time>,
      },
    ],
    [t],
  );
  return (
    <div className="g side-384">
      <div className="g stack">
        <AuditPanel chosen={chosen.chosen} />
        <Panel
          title={t("data.kept")}
          meta={chosen.all.length || null}
          query={chosen.kept}
          error={{ what: t("data.unread") }}
          empty={chosen.all.length === 0 && { text: t("data.empty") }}
        >
          <DataTable
            id="studio.series"
            label={t("data.kept")}
            columns={columns}
            rows={chosen.all}
            rowKey={(s) => `${s.exchange} ${s.pair} ${s.interval}`}
            height="420px"
            onOpen={(s) =>
              set({
                exchange: s.exchange,
                pair: s.pair,
                interval: s.interval,
                from: undefined,
                to: undefined,
              })
            }
          />
        </Panel>
      </div>
      <div className="max-wide:order-first">
        <DataPicker chosen={chosen} set={set} refused={refused} />
      </div>
    </div>
  );
}
