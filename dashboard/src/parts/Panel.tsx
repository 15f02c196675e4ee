/** A panel and its four states. What it shows comes from a query; the panel says how that went. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/problem";
import { duration } from "@/format";
import { useAge } from "./freshness";
import { Icon } from "./Icon";
import { type Family, Skeleton } from "./Skeleton";
import { useSlow } from "./slow";

/** What a panel needs to know of a query; `useQuery` gives it. */
export type Asked = {
  isPending: boolean;
  error: unknown;
  data: unknown;
  refetch: () => unknown;
};

export type PanelProps = {
  title: ReactNode;
  meta?: ReactNode;
  /** In the head, at the right. */
  action?: ReactNode;
  legend?: ReactNode;
  query?: Asked | Asked[];
  family?: Family;
  rows?: number;
  /** Given, the panel is empty: why, and the next step. */
  empty?: { text: ReactNode; action?: ReactNode } | false | null;
  /** What cannot be read, and whether orders and stops are affected by that. */
  error?: { what?: string; effect?: string };
  asOf?: number | null;
  oldestMs?: number;
  className?: string;
  children: ReactNode;
};

export function Panel(props: PanelProps) {
  const queries = props.query === undefined ? [] : [props.query].flat();
  const failed = queries.find((query) => query.error != null && query.data === undefined);
  const isPending = failed === undefined && queries.some((query) => query.isPending);
  const age = useAge(props.asOf, props.oldestMs);
  const isSlow = useSlow(isPending);
  const look = failed ? "iser" : age.isStale && !isPending ? "isst" : "";
  return (
    <section
      className={`panel ${look} ${props.className ?? ""}`}
      aria-busy={isPending || undefined}
    >
      <header>
        <h2>{props.title}</h2>
        {props.meta != null && !isPending && !failed && <span className="meta">{props.meta}</span>}
        {props.legend}
        {age.isStale && !isPending && !failed && (
          <span className="sp">
            <StaleChip ageMs={age.ageMs} />
          </span>
        )}
        {props.action}
      </header>
      {failed ? (
        <Failed query={failed} {...props.error} />
      ) : isPending ? (
        isSlow && <Skeleton family={props.family ?? "table"} rows={props.rows} />
      ) : props.empty ? (
        <div className="body ctr" style={{ minHeight: 90 }}>
          <p className="t2">{props.empty.text}</p>
          {props.empty.action}
        </div>
      ) : (
        props.children
      )}
    </section>
  );
}

export function StaleChip({ ageMs }: { ageMs: number }) {
  const { t } = useTranslation("parts");
  return (
    <span className="chip stl">
      <Icon name="clock" size="xs" />
      {t("stale.old", { age: duration(ageMs) })}
    </span>
  );
}

function Failed({ query, what, effect }: { query: Asked; what?: string; effect?: string }) {
  const { t } = useTranslation("parts");
  const error = asApiError(query.error);
  const cause = error.code === "unreachable" ? t("error.unreachable") : error.message;
  return (
    <div className="body ctr" role="alert">
      <p className="row crit md">
        <Icon name="warn" />
        {what ?? t("error.notRead")}
      </p>
      <p className="t2">
        {cause} {effect ?? t("error.effect")}
      </p>
      <div className="row">
        <button type="button" className="btn" onClick={() => query.refetch()}>
          {t("error.again")}
        </button>
        <span className="mono t3">
          {error.code}
          {error.requestId && `, req ${error.requestId.slice(0, 8)}`}
        </span>
      </div>
    </div>
  );
}
