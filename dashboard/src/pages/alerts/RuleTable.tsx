import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { ago, MISSING } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";

type Rule = Shapes["AlertRuleShape"];

export function RuleTable({ rules }: { rules: Rule[] }) {
  const { t } = useTranslation("alerts");
  const columns = useMemo<DataColumn<Rule>[]>(
    () => [
      {
        id: "title",
        head: t("rule.title"),
        phone: true,
        sort: (r) => r.title,
        cell: (r) => (
          <>
            <span className="name">{r.title}</span> <span className="t3 mono sub2">{r.code}</span>
          </>
        ),
      },
      { id: "when", head: t("rule.when"), cell: (r) => <span className="t2">{r.when}</span> },
      { id: "todo", head: t("rule.todo"), cell: (r) => <span className="t2">{r.to_do}</span> },
      {
        id: "open",
        head: t("rule.open"),
        numeric: true,
        phone: true,
        sort: (r) => r.open,
        cell: (r) => r.open,
      },
      {
        id: "last",
        head: t("rule.last"),
        numeric: true,
        sort: (r) => r.last,
        cell: (r) => (r.last === null ? MISSING : ago(r.last)),
      },
    ],
    [t],
  );
  return (
    <DataTable
      id="alerts.rules"
      label={t("views.rules")}
      columns={columns}
      rows={rules}
      rowKey={(rule) => rule.code}
    />
  );
}
