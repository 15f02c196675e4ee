/**
 * The worst error that nobody has acknowledged, over every page until somebody does. It comes from
 * the list of alerts, so that a reload brings it back; it stands below the strip with its kill
 * switch and below the word that the server is away, and hides neither.
 */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { alertRules, alerts } from "@/api/queries";
import { ago, exact } from "@/format";
import { useNow } from "@/parts/freshness";
import { Icon } from "@/parts/Icon";
import { openErrors } from "./errors";
import { useMay } from "./session";

export function ErrorBanner() {
  const { t } = useTranslation("frame");
  const now = useNow(30_000);
  const unread = useQuery(alerts({ unread: true }));
  const errors = openErrors(unread.data ?? []);
  const rules = useQuery({ ...alertRules(), enabled: errors.length > 0 });
  const mayAct = useMay("operator");
  const acknowledge = useCommand({
    run: (id: string, key) =>
      got(
        api.POST("/api/v1/alerts/acknowledge", {
          body: { ids: [id] },
          params: { header: { "idempotency-key": key } },
        }),
      ),
    touches: ["alerts", "overview"],
    done: () => t("errors.done"),
  });
  const [worst] = errors;
  const rule = rules.data?.find((one) => one.code === worst?.code);
  return (
    <section
      className={worst ? "banner crit held" : "contents"}
      aria-label={worst ? t("errors.label") : undefined}
    >
      {worst && <Icon name="kill" className="crit" />}
      {/* Always there, so that what comes into it is said, at once. */}
      <div aria-live="assertive" className="min-w-0">
        {worst && (
          <>
            <b>{worst.message}</b>{" "}
            <span className="t2">
              {rule ? `${rule.trading} ${rule.to_do}` : rules.isPending ? "" : t("errors.unknown")}
            </span>
          </>
        )}
      </div>
      {worst && (
        <span className="acts">
          <time
            className="t2 nw"
            dateTime={new Date(worst.time).toISOString()}
            title={exact(worst.time)}
          >
            {ago(worst.time, Math.max(now, worst.time))}
          </time>
          <Link className="lnk nw" to="/alerts">
            {errors.length > 1 ? t("errors.more", { count: errors.length - 1 }) : t("errors.open")}
          </Link>
          {mayAct ? (
            <button
              type="button"
              className="btn"
              disabled={acknowledge.isPending}
              onClick={() => acknowledge.mutate(worst.id)}
            >
              {t("errors.acknowledge")}
            </button>
          ) : (
            <span className="t2">{t("errors.operator")}</span>
          )}
        </span>
      )}
    </section>
  );
}
