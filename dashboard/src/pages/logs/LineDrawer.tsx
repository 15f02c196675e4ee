import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { exact } from "@/format";
import { Dialog } from "@/parts/Dialog";

/** All that a line carries: its fields, and what it is about. */
export function LineDrawer(props: { line: Shapes["LogShape"] | null; onClose: () => void }) {
  const { t } = useTranslation("logs");
  const { line } = props;
  if (line === null) return null;
  const details = Object.entries(line.metadata);
  return (
    <Dialog open onClose={props.onClose} look="drawer" title={t("line")}>
      <p>{line.message}</p>
      <dl className="kv">
        <dt>{t("time")}</dt>
        <dd>{exact(line.timestamp)}</dd>
        <dt>{t("level")}</dt>
        <dd>{t(`levels.${line.level}`, line.level)}</dd>
        {line.configuration_id && (
          <>
            <dt>{t("configuration")}</dt>
            <dd>
              <Link className="lnk mono" to={`/configurations/${line.configuration_id}`}>
                {line.configuration_id.slice(0, 8)}
              </Link>
            </dd>
          </>
        )}
        {line.trade_id && (
          <>
            <dt>{t("trade")}</dt>
            <dd>
              <Link className="lnk mono" to="/markets" search={{ trade: line.trade_id }}>
                {line.trade_id.slice(0, 8)}
              </Link>
            </dd>
          </>
        )}
        {details.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="mono">{name}</dt>
            <dd className="mono">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
