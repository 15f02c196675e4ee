import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { count, ratio } from "@/format";
import { type Stage, StageBadge } from "@/parts/badges";
import type { Row } from "../rows";

const SHOWN = 8;
const FEW = 3;

type Props = {
  stage: Stage;
  rows: Row[];
  /** Most of a wallet a position of this stage may take, percent; undefined where nothing says. */
  cap?: number | null;
  few?: boolean;
  draw: (row: Row) => ReactNode;
};

/** A stage with its cards, the first of them; the rest on request. */
export function StageColumn({ stage, rows, cap, few = false, draw }: Props) {
  const { t } = useTranslation("configurations");
  const [more, setMore] = useState(false);
  const most = few ? FEW : SHOWN;
  const shown = more ? rows : rows.slice(0, most);
  const hidden = rows.length - shown.length;
  return (
    <section className="col" aria-label={t("column", { stage, count: rows.length })}>
      <header>
        <h2>
          <StageBadge stage={stage} />
        </h2>
        <span className="n">{count(rows.length)}</span>
        <span className="sp t3">
          {few
            ? t(`ended.${stage}`)
            : cap != null && t("cap", { percent: ratio(cap, Number.isInteger(cap) ? 0 : 1) })}
        </span>
      </header>
      {rows.length === 0 ? (
        <p className="none">{t(`none.${stage}`)}</p>
      ) : (
        <ul>
          {shown.map(draw)}
          {hidden > 0 && (
            <li>
              <button type="button" className="btn w-full" onClick={() => setMore(true)}>
                {t("more", { count: hidden })}
              </button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
