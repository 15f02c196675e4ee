import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { type Setting, written } from "./value";

type Props = { rows: Setting[]; onChange: (setting: Setting) => void };

export function SettingRows({ rows, onChange }: Props) {
  const { t } = useTranslation("settings");
  const mayChange = useMay("admin");
  const columns = useMemo<DataColumn<Setting>[]>(
    () => [
      {
        id: "name",
        head: t("name"),
        phone: true,
        sort: (s) => s.name,
        cell: (s) => <span className="mono">{s.name}</span>,
      },
      {
        id: "value",
        head: t("value"),
        numeric: true,
        phone: true,
        cell: (s) => (
          <span className={written(s.value) === written(s.default) ? "" : "md"}>
            {written(s.value) || t("none")}
          </span>
        ),
      },
      {
        id: "default",
        head: t("default"),
        numeric: true,
        cell: (s) => <span className="t3">{written(s.default) || t("none")}</span>,
      },
      {
        id: "source",
        head: t("source"),
        sort: (s) => s.source,
        cell: (s) => t(`sources.${s.source}`, { defaultValue: s.source }),
      },
    ],
    [t],
  );
  return (
    <DataTable
      id="settings"
      label={t("force")}
      columns={columns}
      rows={rows}
      rowKey={(s) => s.name}
      height="calc(100vh - 190px)"
      onOpen={mayChange ? (s) => s.versioned && onChange(s) : undefined}
      actions={
        mayChange
          ? (s) => [
              {
                label: t("change"),
                run: () => onChange(s),
                why: s.versioned ? undefined : t("notHere"),
              },
            ]
          : undefined
      }
    />
  );
}
