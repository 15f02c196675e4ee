import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { count, exact, moment, share } from "@/format";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { Panel } from "@/parts/Panel";
import { Coverage } from "./Coverage";
import { type Chosen, dayEndMs, dayMs } from "./draft";
import { type Audit, audit } from "./query";

const NAMED = 12;

/** What is odd about the chosen bars, before anybody trains on them. */
export function AuditPanel({ chosen }: { chosen: Chosen | null }) {
  const { t } = useTranslation("studio");
  const asked = useQuery({
    ...audit({
      exchange: chosen?.exchange ?? "",
      symbol: chosen?.pair ?? "",
      interval: chosen?.interval ?? "",
      ...(chosen?.from && { start: String(dayMs(chosen.from)) }),
      ...(chosen?.to && { end: String(dayEndMs(chosen.to)) }),
    }),
    enabled: chosen !== null,
  });
  const found = asked.data;
  return (
    <Panel
      title={t("audit.title")}
      meta={chosen && `${chosen.pair}, ${chosen.interval}`}
      query={chosen === null ? undefined : asked}
      rows={6}
      error={{ what: t("audit.unread") }}
      empty={found?.bars === 0 && { text: t("audit.empty") }}
    >
      {found && <Found audit={found} />}
    </Panel>
  );
}

function Found({ audit: it }: { audit: Audit }) {
  const { t } = useTranslation("studio");
  const others = it.findings.filter((one) => one.kind !== "gap" && one.kind !== "duplicate_time");
  return (
    <>
      <div className="body">
        <Coverage audit={it} />
      </div>
      <EvidenceRow
        state={it.missing === 0 ? "met" : "note"}
        name={t("audit.gaps")}
        plain={t("audit.gapsPlain")}
        value={count(it.gap_count)}
        threshold={t("audit.missing", { count: it.missing, of: count(it.expected) })}
      >
        {it.gaps.length > 0 && (
          <ul>
            {it.gaps
              .toSorted((a, b) => b.missing - a.missing)
              .slice(0, NAMED)
              .map((gap) => (
                <li key={gap.start} title={exact(gap.start)}>
                  {t("audit.gap", {
                    count: gap.missing,
                    start: moment(gap.start),
                    end: moment(gap.end),
                  })}
                </li>
              ))}
          </ul>
        )}
      </EvidenceRow>
      <EvidenceRow
        state={it.duplicates === 0 ? "met" : "unmet"}
        name={t("audit.duplicates")}
        plain={t("audit.duplicatesPlain")}
        value={count(it.duplicates)}
        threshold={t("audit.none")}
      />
      {others.map((one) => (
        <EvidenceRow
          key={one.kind}
          state="note"
          name={t(`audit.kinds.${one.kind}`, { defaultValue: one.kind.replaceAll("_", " ") })}
          plain={<span lang="en">{one.message}</span>}
          value={count(one.count)}
          threshold=""
        >
          <ul>
            {one.places.map((place) => (
              <li key={place.time}>
                {moment(place.time)}: <span lang="en">{place.text}</span>
              </li>
            ))}
          </ul>
        </EvidenceRow>
      ))}
      <dl className="kv body pt-3 border-t border-border">
        <dt>{t("data.bars")}</dt>
        <dd>
          {t("audit.bars", { bars: count(it.bars), share: share(it.bars / (it.expected || 1)) })}
        </dd>
        <dt>{t("audit.fingerprint")}</dt>
        <dd className="mono" title={it.fingerprint}>
          {it.fingerprint.slice(0, 4)}…{it.fingerprint.slice(-4)}
        </dd>
      </dl>
    </>
  );
}
