import { useTranslation } from "react-i18next";
import { useStream } from "@/api/stream";
import { duration } from "@/format";
import { useAge, useNow } from "@/parts/freshness";
import { Icon } from "@/parts/Icon";

/** Says that the page has lost the server, for how long, and what that does not mean. */
export function StreamBanner() {
  const { t } = useTranslation("frame");
  const { state, heardAt, attempts } = useStream();
  const { isStale } = useAge();
  const now = useNow();
  if (!isStale) return null;
  return (
    <div className="banner stale" role="status">
      <Icon name="clock" className="stale" />
      <b>{t("offline.title", { age: duration(now - heardAt) })}</b>
      <span className="t2">{t("offline.text", { attempts: attempts || 1, state })}</span>
    </div>
  );
}
